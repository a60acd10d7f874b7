"""A probe for truth on sets of statements, by layer."""

from collections.abc import Mapping
from functools import partial

from harness.cache_dir import cache_dir
from harness.data.statements import StatementSet
from harness.experiments.context import Progress, no_progress
from harness.experiments.probing import layers, transfer
from harness.experiments.probing.activations import ActivationTable
from harness.experiments.probing.rows import Split, split_rows
from harness.manifest import DataUsed
from harness.measurement import Measurement
from harness.models.extraction import extract
from harness.models.hookpoints import Hookpoint
from harness.models.language_model import LanguageModel
from harness.oneline.prompt import layer_of
from harness.record import Record
from harness.specs import ProbingSpec
from harness.specs.probing import Probe as ProbeKind
from harness.specs.probing import Transfer


class Accuracy(Record):
    """Share of statements that a probe gets right, a mean over units."""

    value: float
    stderr: float | None
    n: int
    """Units: cities, words, sentences."""


class AtLayer(Record):
    """A probe at one layer, with the same probe fitted on shuffled labels."""

    layer: int
    accuracy: Accuracy
    shuffled_labels: Accuracy


class Probe(Record):
    """Accuracy by layer, and at one layer with its controls."""

    probe: ProbeKind
    train: str
    test: str
    data: dict[str, DataUsed]
    layer: int
    """The given one, or the one that a quarter of the units chose; these are not reported on."""
    is_chosen: bool
    accuracy: Accuracy
    controls: dict[str, Accuracy]
    """At that layer: shuffled labels, word counts instead of activations, a random direction."""
    by_layer: tuple[AtLayer, ...]
    """Empty where the layer was given."""


def probe(
    lm: LanguageModel,
    sets: Mapping[str, StatementSet],
    transfer_asked: Transfer,
    *,
    layer: int | None = None,
    seed: int = 0,
    progress: Progress = no_progress,
) -> Probe:
    """Train on one set and test on another, each statement by a probe that saw none of its group.

    Groups are units: a city, a word, a sentence. Raises `HarnessError` for a layer that the model
    lacks and for sets that are unbalanced or too small.
    """
    spec = _spec(lm, transfer_asked, layer if layer is None else layer_of(lm, layer), seed)
    split = split_rows(spec, sets)
    table = _table(lm, sets, spec, progress)
    chosen = layers.choose(spec, split, table, progress)
    found = [
        row
        for row in transfer.matrix(spec, split, table, chosen, progress)
        if row.metric == "accuracy_binary"
    ]
    return Probe(
        probe=transfer_asked.probe,
        train=transfer_asked.train,
        test=transfer_asked.test,
        data={
            name: DataUsed(source=one.source, sha256=one.sha256, statements=len(one.statements))
            for name, one in sets.items()
        },
        layer=chosen,
        is_chosen=layer is None,
        accuracy=next(_accuracy(row) for row in found if row.control is None),
        controls={row.control: _accuracy(row) for row in found if row.control is not None},
        by_layer=_by_layer(spec, split, table, progress),
    )


def _spec(lm: LanguageModel, asked: Transfer, layer: int | None, seed: int) -> ProbingSpec:
    return ProbingSpec(
        family="probing",
        id="probe",
        model=lm.ref,
        seeds=(seed,),
        layer="validation" if layer is None else layer,
        probes=(asked.probe,),
        train=(asked.train,),
        test=(asked.test,),
        sweep=(asked,) if layer is None else (),
    )


def _table(
    lm: LanguageModel, sets: Mapping[str, StatementSet], spec: ProbingSpec, progress: Progress
) -> ActivationTable:
    wanted = range(lm.n_layers) if spec.layer == "validation" else [spec.layer]
    points = [Hookpoint(spec.hookpoint, layer) for layer in wanted]
    by_set = {
        name: extract(
            lm,
            one.texts,
            points,
            cache=cache_dir() / "activations",
            progress=partial(progress, f"activations of {name}"),
        )
        for name, one in sets.items()
    }
    return ActivationTable(by_set, spec.hookpoint, lm.n_layers)


def _by_layer(
    spec: ProbingSpec, split: Split, table: ActivationTable, progress: Progress
) -> tuple[AtLayer, ...]:
    rows = list(transfer.sweep(spec, split, table, progress))
    return tuple(
        AtLayer(layer=layer, accuracy=_accuracy(own), shuffled_labels=_accuracy(shuffled))
        for layer, (own, shuffled) in enumerate(zip(rows[::2], rows[1::2], strict=True))
    )


def _accuracy(row: Measurement) -> Accuracy:
    return Accuracy(value=row.value, stderr=row.stderr, n=row.n)
