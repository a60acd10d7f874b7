"""Which synthetic worlds can be named: their sizes, and how much training an SAE needs there.

A world is a SynthSAEBench model (Chanin and Garriga-Alonso 2026, arXiv:2602.14687): features that
fire in a hierarchy, in superposition. Free of torch; `harness/worlds/` builds them.

The smaller worlds keep what makes the task hard: two thirds of the features in the hierarchy,
latents for a quarter of the features, some 25 dimensions to an active feature, little cosine
between features. Chances to fire are adjusted so that the L0 of the most frequent quarter, and
four fifths of it, are whole numbers. Measured:

    world    active   of them in the SAE's quarter   dimensions per active   mean largest |cosine|
    16k      34.4     25.1                           22                      .145
    4k       19.8     15.2                           23                      .169
    2k       12.9     10.0                           25                      .185
    1k        6.5      5.0                           34                      .204
    1k-deep   6.5      5.0                           25                      .248

`1k-deep` has the size of `1k`, deeper and narrower trees (71 % of its features are in them, not 66)
and features that lie closer: what helps in both does not hang on one hierarchy.
"""

from pydantic import PositiveFloat, PositiveInt

from harness.problems import did_you_mean
from harness.record import HarnessError, Record


class World(Record):
    """One synthetic world and the scale of an SAE that fits it."""

    id: str
    features: PositiveInt
    """True features, the most frequent first."""
    hidden_dim: PositiveInt
    """Width of the activations; `d_in` of an SAE."""
    most_probable: PositiveFloat = 0.4
    """Chance of the most frequent feature to fire; others' fall with the root of their rank."""
    roots: PositiveInt
    """Trees of the hierarchy, children mutually exclusive."""
    branching: PositiveInt = 4
    """Children of each parent."""
    depth: PositiveInt = 3
    """Generations below a root."""
    scale_children_by_parent: bool = True
    """Whether a child's magnitude follows its parent's. The world as first uploaded (v1) lacked
    it."""
    seed: int = 42
    """Of the dictionary, the trees and what fires together; the paper's is 42."""
    hub: str | None = None
    """`hf:ORG/NAME` of the published weights."""
    width: PositiveInt
    """Latents of an SAE there: a quarter of the features."""
    l0: PositiveInt
    """Mean number of active features among the `width` most frequent, rounded: `relative_l0` 1."""
    samples: PositiveInt
    """Training samples after which metrics hardly move."""
    learning_rate: PositiveFloat
    note: str


WORLDS = {
    world.id: world
    for world in (
        World(
            id="synthsae-16k",
            features=16_384,
            hidden_dim=768,
            roots=128,
            hub="hf:decoderesearch/synth-sae-bench-16k-v2",
            width=4_096,
            l0=25,
            samples=200_000_000,
            learning_rate=3e-4,
            note="SynthSAEBench-16k as the paper describes it (v2)",
        ),
        World(
            id="synthsae-16k-v1",
            features=16_384,
            hidden_dim=768,
            roots=128,
            scale_children_by_parent=False,
            hub="hf:decoderesearch/synth-sae-bench-16k",
            width=4_096,
            l0=25,
            samples=200_000_000,
            learning_rate=3e-4,
            note="as first uploaded, without scaling of children by their parents",
        ),
        World(
            id="synthsae-4k",
            features=4_096,
            hidden_dim=448,
            most_probable=0.5,
            roots=32,
            width=1_024,
            l0=15,
            samples=10_000_000,
            learning_rate=1e-3,
            note="a quarter of the 16k world",
        ),
        World(
            id="synthsae-2k",
            features=2_048,
            hidden_dim=320,
            most_probable=0.48,
            roots=16,
            width=512,
            l0=10,
            samples=5_000_000,
            learning_rate=1e-3,
            note="an eighth of the 16k world; the usual one on a CPU",
        ),
        World(
            id="synthsae-1k",
            features=1_024,
            hidden_dim=224,
            most_probable=0.36,
            roots=8,
            width=256,
            l0=5,
            samples=2_000_000,
            learning_rate=1e-3,
            note="a sixteenth of the 16k world, for trials of seconds",
        ),
        World(
            id="synthsae-1k-deep",
            features=1_024,
            hidden_dim=160,
            most_probable=0.354,
            roots=6,
            branching=3,
            depth=4,
            width=256,
            l0=5,
            samples=2_000_000,
            learning_rate=1e-3,
            note="as large as 1k, with deeper trees and more superposition: for transfer",
        ),
    )
}


def resolve_world(name: str) -> World:
    """The world of that name. Raises `HarnessError` with the valid names."""
    if name not in WORLDS:
        raise HarnessError(f"world {name!r} is unknown{did_you_mean(name, sorted(WORLDS))}")
    return WORLDS[name]
