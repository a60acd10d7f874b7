"""The interventions on one prompt, real and random, in both models, and what each does to it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from harness.circuits.changes import Change, active_latents, run_changed
from harness.experiments.circuit_tracing.bench import Bench, generator
from harness.experiments.circuit_tracing.prompts import Fact, Family
from harness.experiments.circuit_tracing.supernodes import Member, Supernodes, random_members
from harness.specs.circuit_tracing import RUNS, SWAP, Facts, Run

NONE = "none"


class Asked(NamedTuple):
    """A prompt and its foil with their supernodes."""

    fact: Fact
    foil: Fact
    own: Supernodes
    foils: Supernodes

    def has(self, task: Facts, intervention: str) -> bool:
        """Whether there is anything that the intervention changes."""
        if intervention == SWAP:
            return bool(self.own[task.swapped] and self.foils[task.swapped])
        return intervention == NONE or bool(self.own[intervention])


class Arm(NamedTuple):
    """One run of the batch."""

    intervention: str
    draw: int | None
    """Of random latents; `None`: the real ones."""
    changes: tuple[Change, ...]


class Seen(NamedTuple):
    """Scores of every arm of one prompt in one model."""

    arms: tuple[Arm, ...]
    effects: Mapping[str, Float[Tensor, " arms"]]
    activations: Mapping[str, Float[Tensor, " arms"]]
    """By supernode, summed over its latents."""


def arms_of(bench: Bench, task: Facts, asked: Asked, seed: int, number: int) -> tuple[Arm, ...]:
    """The clean run, every intervention, and as many random ones of each as the spec draws."""
    source = generator(seed, number)
    active = [
        [layer[0] for layer in active_latents(bench.lm, bench.transcoders, fact.tokens[None])]
        for fact in (asked.fact, asked.foil)
    ]
    arms = [Arm(NONE, None, ())]
    for draw in (None, *range(bench.spec.random_draws)):

        def pick(which: int, members: Sequence[Member], drawn: int | None = draw) -> list[Member]:
            if drawn is None:
                return list(members)
            return list(random_members(bench.transcoders, active[which], members, source))

        for name in task.supernodes:
            removed = _multiplied(pick(0, asked.own[name]), bench.spec.factor)
            arms.append(Arm(name, draw, removed))
        removed = _multiplied(pick(0, asked.own[task.swapped]), bench.spec.factor)
        given = pick(1, asked.foils[task.swapped])
        put = _multiplied(_moved(given, asked), bench.spec.foil_factor)
        arms.append(Arm(SWAP, draw, _joined(removed, put)))
    return tuple(arms)


def see(bench: Bench, asked: Asked, family: Family, arms: tuple[Arm, ...]) -> dict[Run, Seen]:
    """Every arm in the replacement model and in the original one."""
    watched = [member.place for members in asked.own.values() for member in members]
    runs = [arm.changes for arm in arms]
    found: dict[Run, Seen] = {}
    for run in RUNS:
        outcome = run_changed(
            bench.lm,
            bench.transcoders,
            asked.fact.tokens,
            runs,
            watched=watched,
            freeze_attention=run == "replacement",
        )
        effects = _effects(outcome.logits, asked, family)
        found[run] = Seen(arms, effects, _summed(outcome.activations, asked.own))
    return found


def _effects(
    logits: Float[Tensor, "arms vocab"], asked: Asked, family: Family
) -> dict[str, Float[Tensor, " arms"]]:
    """One score an arm by metric; the first arm is the clean one."""
    chances = logits.double().log_softmax(-1)
    answer, foil = chances[:, asked.fact.answer], chances[:, asked.foil.answer]
    first = logits.argmax(-1)
    kinds = torch.tensor(sorted(family.kinds))
    return {
        "answer_probability": answer.exp(),
        "answer_first": (first == asked.fact.answer).double(),
        "answer_log_probability_lost": answer[0] - answer,
        "answer_kind_first": torch.isin(first, kinds).double(),
        "foil_first": (first == asked.foil.answer).double(),
        "foil_probability": foil.exp(),
    }


def _summed(
    activations: Float[Tensor, "arms watched"], own: Supernodes
) -> dict[str, Float[Tensor, " arms"]]:
    parts = activations.double().split([len(members) for members in own.values()], dim=1)
    return {name: part.sum(dim=1) for name, part in zip(own, parts, strict=True)}


def _multiplied(members: Sequence[Member], factor: float) -> tuple[Change, ...]:
    return tuple(Change(each.place, factor * each.activation) for each in members)


def _moved(members: Sequence[Member], asked: Asked) -> list[Member]:
    """The foil's latents at the token of this prompt that has the same role."""
    roles = {at: role for role, at in asked.foil.roles.items()}
    return [
        Member((layer, asked.fact.roles[roles[position]], latent), activation)
        for (layer, position, latent), activation in members
    ]


def _joined(removed: Sequence[Change], put: Sequence[Change]) -> tuple[Change, ...]:
    """A latent of both is put, not removed."""
    return tuple({change.place: change for change in (*removed, *put)}.values())
