"""The prompts that are asked: those the model answers right, each with another as its foil."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, get_args

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from harness.circuits.changes import active_latents
from harness.data.fact_prompts import (
    FactPrompt,
    Relation,
    one_step_prompts,
    two_step_prompts,
)
from harness.experiments.circuit_tracing.bench import Bench, generator
from harness.experiments.uninformative import Uninformative
from harness.models.language_model import LanguageModel
from harness.models.prompts import encode
from harness.specs.circuit_tracing import Facts

LEAST = 10
"""Prompts without which nothing can be told."""
_AT_ONCE = 16
_RELATION: Relation = "capital"
"""That is asked for; the others tell what of a prompt is its subject's and what its answer's."""


class Fact(NamedTuple):
    """One prompt as the model reads it."""

    prompt: FactPrompt
    ids: tuple[int, ...]
    roles: Mapping[str, int]
    answer: int
    """The token that begins the right answer."""

    @property
    def tokens(self) -> Int[Tensor, " seq"]:
        """The prompt's tokens."""
        return torch.tensor(self.ids)


class Family(NamedTuple):
    """All prompts of one kind, with what is active at their ends and at their subjects."""

    facts: tuple[Fact, ...]
    right: Bool[Tensor, " prompts"]
    """Whether the likeliest next token begins the answer."""
    active: Mapping[str, Bool[Tensor, "prompts layers latents"]]
    """By role, `subject` or `END`."""
    carried: Float[Tensor, "prompts layers latents"]
    """Share of the prompts that ask something else of the same subject, on which a latent is
    active at the last token."""

    @property
    def kinds(self) -> frozenset[int]:
        """Tokens that begin an answer to some prompt."""
        return frozenset(fact.answer for fact in self.facts)


class Pair(NamedTuple):
    """A prompt that is reported on, and its foil, by their numbers in the family."""

    asked: int
    foil: int


def read_family(bench: Bench, task: Facts) -> Family:
    """Every prompt of the kind, read once."""
    ask = two_step_prompts if task.steps == "two_step" else one_step_prompts
    facts = _facts(bench.lm, ask(_RELATION))
    right, active = _read(bench, facts, ("subject", "END"))
    others = [each for each in get_args(Relation) if each != _RELATION]
    elsewhere = [_read(bench, _facts(bench.lm, ask(each)), ("END",))[1]["END"] for each in others]
    return Family(facts, right, active, torch.stack(elsewhere).float().mean(0))


def _facts(lm: LanguageModel, prompts: Sequence[FactPrompt]) -> tuple[Fact, ...]:
    encoded = encode(lm, [prompt.parts for prompt in prompts])
    return tuple(
        Fact(prompt, each.ids, each.roles, _first_token(lm, prompt.answer))
        for prompt, each in zip(prompts, encoded, strict=True)
    )


def _read(
    bench: Bench, facts: Sequence[Fact], roles: Sequence[str]
) -> tuple[Bool[Tensor, " prompts"], dict[str, Bool[Tensor, "prompts layers latents"]]]:
    """Which are answered right, and what is active at the roles' tokens."""
    right = torch.zeros(len(facts), dtype=torch.bool)
    shape = (len(facts), len(bench.transcoders.layers), bench.transcoders.latents)
    active = {role: torch.zeros(shape, dtype=torch.bool) for role in roles}
    step = f"reading prompts on the {facts[0].prompt.relation}"
    for done, batch in enumerate(batches := _equally_long(facts)):
        tokens = torch.tensor([facts[number].ids for number in batch])
        best = _logits(bench.lm, tokens).argmax(-1).tolist()
        right[batch] = torch.tensor(
            [facts[n].answer == b for n, b in zip(batch, best, strict=True)]
        )
        found = active_latents(bench.lm, bench.transcoders, tokens)
        rows = torch.arange(len(batch))
        for role, table in active.items():
            places = torch.tensor([facts[number].roles[role] for number in batch])
            table[batch] = torch.stack([acts[rows, places] != 0 for acts in found], dim=1)
        bench.context.progress(step, done + 1, len(batches))
    return right, active


def draw_pairs(bench: Bench, task: Facts, family: Family, seed: int) -> list[Pair]:
    """Prompts answered right, drawn by the seed; the foil of each is one of them, with another
    answer.

    Raises `Uninformative` where the model answers fewer than `LEAST`, or all drawn alike.
    """
    known = [int(number) for number in family.right.nonzero().squeeze(1)]
    if len(known) < LEAST:
        raise Uninformative(
            f"{bench.spec.model} answers {len(known)} of {len(family.facts)} {task.steps} "
            f"prompts; {LEAST} are needed"
        )
    source = generator(seed)
    order = torch.randperm(len(known), generator=source).tolist()
    asked = [known[place] for place in order[: task.prompts]]
    answers = {number: family.facts[number].answer for number in asked}
    if len(set(answers.values())) < 2:
        raise Uninformative(f"{bench.spec.model} answers all drawn prompts alike")
    pairs: list[Pair] = []
    for number in asked:
        others = [other for other in asked if answers[other] != answers[number]]
        pairs.append(Pair(number, others[int(torch.randint(len(others), (), generator=source))]))
    return pairs


def _first_token(lm: LanguageModel, answer: str) -> int:
    return lm.tokenizer.encode(answer, add_special_tokens=False)[0]


def _equally_long(facts: Sequence[Fact]) -> list[list[int]]:
    """Batches of prompts of one length, so that nothing is padded."""
    by_length: dict[int, list[int]] = {}
    for number, fact in enumerate(facts):
        by_length.setdefault(len(fact.ids), []).append(number)
    return [
        numbers[first : first + _AT_ONCE]
        for numbers in by_length.values()
        for first in range(0, len(numbers), _AT_ONCE)
    ]


@torch.inference_mode()
def _logits(lm: LanguageModel, tokens: Int[Tensor, "batch seq"]) -> Float[Tensor, "batch vocab"]:
    return lm.hf(tokens.to(lm.device), use_cache=False, logits_to_keep=1).logits[:, -1].cpu()
