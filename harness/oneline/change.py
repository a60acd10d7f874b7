"""Latents of one prompt set, scaled or ablated, and what the model then says.

Each change is made in the local replacement model, whose attention is frozen, and in the original
model, beside as many random latents of equal activation set to the same multiples.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from harness.circuits.changes import Change, Place, active_latents, run_changed
from harness.experiments.circuit_tracing.supernodes import Member, random_members
from harness.graphs.attribution_graph import AttributionGraph, uncantor
from harness.graphs.error_ids import open_graph
from harness.models.language_model import LanguageModel
from harness.oneline.next_token import by_name
from harness.oneline.prompt import read_prompt
from harness.problems import did_you_mean
from harness.record import HarnessError, Record
from harness.transcoders.sets import TranscoderSet

_LATENT = re.compile(r"(\d+)/(\d+)@(\d+)(?:=(-?\d+(?:\.\d+)?))?")
_SUPERNODE = re.compile(r"(.+)=(-?\d+(?:\.\d+)?)")
_SHOWN = 5
_FROZEN = {"replacement": True, "original": False}


class Wanted(NamedTuple):
    """What is to be changed, as a command has it."""

    set: Sequence[str] = ()
    """`LAYER/LATENT@POSITION=VALUE`"""
    scale: Sequence[str] = ()
    """`LAYER/LATENT@POSITION=FACTOR`"""
    ablate: Sequence[str] = ()
    """`LAYER/LATENT@POSITION`"""
    supernodes: Sequence[str] = ()
    """`NAME=FACTOR`, of the graph file."""
    graph: Path | None = None


class Set(Record):
    """A latent with its activation before and what it was set to."""

    latent: str
    before: float
    after: float


class Said(Record):
    """Probabilities of next tokens in one run."""

    run: str
    changed: str
    """`nothing`, `latents` or `random latents`."""
    tokens: dict[str, float]
    """The likeliest without changes, and the likeliest here."""


class Changed(Record):
    """What came of the changes."""

    prompt: str
    tokens: tuple[str, ...]
    changes: tuple[Set, ...]
    random: tuple[Set, ...]
    said: tuple[Said, ...]


def change_prompt(
    lm: LanguageModel, transcoders: TranscoderSet, prompt: str, wanted: Wanted, *, seed: int
) -> Changed:
    """Raises `HarnessError` for a change that cannot be read, or of a latent that is not there."""
    read = read_prompt(lm, prompt)
    active = [layer[0] for layer in active_latents(lm, transcoders, read.ids)]
    values = read_changes(wanted, active)
    members = [Member(place, _activation(active, place)) for place in values]
    changes = [Change(place, value) for place, value in values.items()]
    random = _random(transcoders, active, members, changes, seed)
    said: list[Said] = []
    for run, frozen in _FROZEN.items():
        runs = {"nothing": [], "latents": changes, "random latents": random}
        outcome = run_changed(
            lm, transcoders, read.ids[0], list(runs.values()), freeze_attention=frozen
        )
        chances = outcome.logits.softmax(-1)
        said += [
            Said(run=run, changed=name, tokens=_likeliest(lm, row, chances[0]))
            for name, row in zip(runs, chances, strict=True)
        ]
    return Changed(
        prompt=prompt,
        tokens=read.tokens,
        changes=_sets(active, changes),
        random=_sets(active, random),
        said=tuple(said),
    )


def read_changes(
    wanted: Wanted, active: Sequence[Float[Tensor, "seq latents"]]
) -> dict[Place, float]:
    """The value that each latent is set to. Raises `HarnessError` where there are none."""
    values: dict[Place, float] = {}
    for option, texts in (("set", wanted.set), ("scale", wanted.scale), ("ablate", wanted.ablate)):
        for text in texts:
            place, number = _parsed(option, text)
            before = _activation(active, place)
            if option == "scale" and before == 0:
                raise HarnessError(f"--{option} {text}: not active there; --set gives it a value")
            values[place] = number * before if option == "scale" else number
    if wanted.supernodes and wanted.graph is None:
        raise HarnessError("--supernode needs --graph FILE, which says what it is")
    groups = {} if wanted.graph is None else supernodes_of(open_graph(wanted.graph).graph)
    for text in wanted.supernodes:
        matched = _SUPERNODE.fullmatch(text)
        name = matched[1] if matched else text
        if matched is None or name not in groups:
            raise HarnessError(
                f"--supernode {text!r}: NAME=FACTOR is wanted{did_you_mean(name, sorted(groups))}"
            )
        for place in groups[name]:
            values[place] = float(matched[2]) * _activation(active, place)
    if not values:
        raise HarnessError("nothing to change: give --set, --scale, --ablate or --supernode")
    return values


def supernodes_of(graph: AttributionGraph) -> Mapping[str, tuple[Place, ...]]:
    """The features of each supernode of a graph file."""
    places = {
        node.node_id: (uncantor(node.feature).layer, node.ctx_idx, uncantor(node.feature).latent)
        for node in graph.nodes
        if node.feature is not None and node.feature_type == "cross layer transcoder"
    }
    groups = graph.qParams.supernodes or ()
    return {
        name: tuple(places[member] for member in members if member in places)
        for name, *members in groups
    }


def _parsed(option: str, text: str) -> tuple[Place, float]:
    matched = _LATENT.fullmatch(text)
    with_value = option != "ablate"
    if matched is None or (matched[4] is not None) != with_value:
        form = "LAYER/LATENT@POSITION" + ("=NUMBER" if with_value else "")
        raise HarnessError(f"--{option} {text!r}: expected {form}, such as 3/120@5")
    layer, latent, position = (int(matched[number]) for number in (1, 2, 3))
    return (layer, position, latent), float(matched[4] or 0)


def _activation(active: Sequence[Float[Tensor, "seq latents"]], place: Place) -> float:
    sizes = (len(active), *active[0].shape)
    for name, index, size in zip(("layer", "position", "latent"), place, sizes, strict=True):
        if index >= size:
            raise HarnessError(f"{name} {index} of {_name(place)}: valid: 0 to {size - 1}")
    return float(active[place[0]][place[1], place[2]])


def _random(
    transcoders: TranscoderSet,
    active: Sequence[Float[Tensor, "seq latents"]],
    members: Sequence[Member],
    changes: Sequence[Change],
    seed: int,
) -> list[Change]:
    """Random latents in the place of those that are active, set to the same multiples.

    None is drawn twice, and none that is changed itself.
    """
    source = torch.Generator().manual_seed(seed)
    free = [layer.clone() for layer in active]
    for layer, position, latent in (member.place for member in members):
        free[layer][position, latent] = 0
    found: list[Change] = []
    for member, change in zip(members, changes, strict=True):
        if member.activation:
            for (layer, position, latent), activation in random_members(
                transcoders, free, [member], source
            ):
                value = change.value / member.activation * activation
                found.append(Change((layer, position, latent), value))
                free[layer][position, latent] = 0
    return found


def _likeliest(
    lm: LanguageModel, row: Float[Tensor, " vocab"], clean: Float[Tensor, " vocab"]
) -> dict[str, float]:
    best: set[int] = {*clean.topk(_SHOWN).indices.tolist(), *row.topk(_SHOWN).indices.tolist()}
    ordered = sorted(best, key=lambda token: (-float(row[token]), token))
    return by_name(lm, ordered, row[ordered].tolist())


def _sets(
    active: Sequence[Float[Tensor, "seq latents"]], changes: Sequence[Change]
) -> tuple[Set, ...]:
    return tuple(
        Set(latent=_name(each.place), before=_activation(active, each.place), after=each.value)
        for each in changes
    )


def _name(place: Place) -> str:
    layer, position, latent = place
    return f"{layer}/{latent}@{position}"
