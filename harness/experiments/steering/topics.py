"""Activation addition: how often continuations turn to a topic, and what it does to perplexity.

Follows Turner et al. 2023 (arXiv:2308.10248), sec. 4: one pair of prompts, added at the first
positions of the prompt with a coefficient.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple, cast

import torch
from torch import Tensor

from harness.data.content_hash import content_hash
from harness.data.topic_texts import SENTENCES
from harness.data.topics import NEUTRAL_PROMPTS, PAIRS, WORDS, Topic, mentions
from harness.experiments.context import Context
from harness.experiments.scored import scored, units_digest
from harness.experiments.steering.draws import apart, stream
from harness.experiments.steering.fluency import Texts
from harness.experiments.steering.streams import Batch, Sequences, Steered, Way, run_ways
from harness.experiments.steering.topic_vectors import (
    Vector,
    adding_at_front,
    adding_by_row,
    pair_vectors,
)
from harness.experiments.steering.vectors import chosen_layer_row, norm_rows, with_control
from harness.manifest import DataUsed
from harness.measurement import Measurement
from harness.models.generation import Sampling, continuations
from harness.models.hookpoints import Hookpoint
from harness.models.language_model import LanguageModel
from harness.models.tokenization import tokenize
from harness.models.unembed import logits
from harness.record import HarnessError
from harness.specs import SteeringSpec
from harness.specs.steering import CONTROL, Topics

_TOPIC_TOKENS = 20
"""Of each sentence on a topic."""


class Cell(NamedTuple):
    """One way of steering: what is added, and where; `None` adds nothing."""

    layer: int
    vector: Vector | None


def run(
    spec: SteeringSpec, task: Topics, lm: LanguageModel, context: Context
) -> Iterator[Measurement]:
    """Rates of the topic's words and perplexities, topic by topic."""
    if not 2 <= task.prompts <= len(NEUTRAL_PROMPTS):
        raise HarnessError(f"prompts: {task.prompts}; valid: 2 to {len(NEUTRAL_PROMPTS)}")
    openings = NEUTRAL_PROMPTS[: task.prompts]
    context.data["neutral_prompts"] = DataUsed(
        source="generated", sha256=content_hash(openings), statements=len(openings)
    )
    neutral = Texts.neutral(lm, spec.neutral_texts, context)
    for topic in task.topics:
        yield from _Steering(spec, task, lm, context, topic).rows(openings, neutral)


class _Steering:
    """Everything about one topic."""

    def __init__(
        self,
        spec: SteeringSpec,
        task: Topics,
        lm: LanguageModel,
        context: Context,
        topic: Topic,
    ) -> None:
        self.spec, self.task, self.lm, self.context = spec, task, lm, context
        self.topic: Topic = topic
        self.by_layer = pair_vectors(lm, PAIRS[topic])
        self.where = spec.base(topic=topic, layer="chosen")
        context.data[f"{topic}_texts"] = DataUsed(
            source="generated",
            sha256=content_hash(SENTENCES[topic]),
            statements=len(SENTENCES[topic]),
        )

    def rows(self, openings: Sequence[str], neutral: Texts) -> Iterator[Measurement]:
        """The chosen layer, norms, rates and perplexities."""
        held = apart(len(openings))
        chosen = [each for each, kept in zip(openings, held, strict=True) if kept]
        reported = [each for each, kept in zip(openings, held, strict=True) if not kept]
        layer = self._choose(chosen)
        yield chosen_layer_row(self.spec, layer, len(chosen), self.where)
        yield from norm_rows(
            self.spec,
            self.by_layer[layer][1:],
            neutral.base.resid[layer + 1][:, 1:].float().norm(dim=-1).flatten().cpu(),
            seed=self.spec.seeds[0],
            conditions=self.where,
        )
        yield from self._rates(layer, reported)
        on_topic = Texts.of(
            self.lm, SENTENCES[self.topic], tokens=_TOPIC_TOKENS, count=len(SENTENCES[self.topic])
        )
        for name, texts in (("neutral", neutral), ("topic", on_topic)):
            yield from self._perplexity(layer, name, texts)

    def _choose(self, openings: Sequence[str]) -> int:
        """Where positive coefficients make the topic's words likeliest next, on openings apart.

        Sampled rates would tie at 0 for most layers.
        """
        if self.spec.layer != "validation":
            return self.spec.layer
        tried = range(0, self.lm.n_layers - 1, self.spec.layer_step)
        up = [by for by in self.spec.coefficients if by > 0]
        ways = {
            f"{layer} {by}": Way(layer, adding_at_front(self.by_layer[layer], by))
            for layer in tried
            for by in up
        }
        prompts = tokenize(self.lm, openings)
        ids = topic_ids(self.lm, self.topic)

        def read(_batch: Batch, steered: Steered) -> Tensor:
            found = logits(self.lm, steered.resid[:, -1]).float().log_softmax(-1)
            return found[:, ids.to(found.device)].logsumexp(-1)

        found = run_ways(self.lm, Sequences(prompts, [0] * len(prompts)), ways, read)
        scores = torch.stack([each.mean() for each in found.values()]).view(len(tried), -1)
        return tried[int(scores.mean(1).argmax())]

    def _rates(self, layer: int, openings: Sequence[str]) -> Iterator[Measurement]:
        units = units_digest(openings)
        for step, seed in enumerate(self.spec.seeds):
            self.context.progress(f"continuations: {self.topic}", step, len(self.spec.seeds))
            vectors = self._vectors(layer, seed)
            # With coefficient 0 the vector and its control are one and the same.
            ways = [
                (control, by)
                for control in vectors
                for by in self.spec.coefficients
                if by != 0 or control is None
            ]
            cells = [
                Cell(layer, None if by == 0 else by * vectors[control]) for control, by in ways
            ]
            drawn = self._sample(openings, cells, stream(seed, "continuations"))
            found = dict(zip(ways, drawn, strict=True))
            for control, by in product(vectors, self.spec.coefficients):
                yield scored(
                    self.spec,
                    "behaviour_rate",
                    found[None if by == 0 else control, by],
                    seed=seed,
                    conditions={**self.where, "coefficient": by},
                    control=control,
                    units=units,
                )
        self.context.progress(
            f"continuations: {self.topic}", len(self.spec.seeds), len(self.spec.seeds)
        )

    def _sample(
        self, openings: Sequence[str], cells: Sequence[Cell], generator: torch.Generator
    ) -> Tensor:
        """Whether each continuation mentions the topic, [cells, openings]."""
        prompts = tokenize(self.lm, openings)
        rows = [cell for cell in cells for _ in prompts]
        edits = {
            Hookpoint("resid_post", layer): adding_by_row(
                [each.vector if each.layer == layer else None for each in rows]
            )
            for layer in {cell.layer for cell in cells if cell.vector is not None}
        }
        sampling = Sampling(self.task.tokens, self.task.temperature)
        drawn = continuations(self.lm, prompts * len(cells), sampling, generator, edits)
        hits = [mentions(self.topic, str(self.lm.tokenizer.decode(list(each)))) for each in drawn]
        return torch.tensor(hits).double().view(len(cells), len(prompts))

    def _perplexity(self, layer: int, name: str, texts: Texts) -> Iterator[Measurement]:
        """Of texts whose first positions get the vector, the rest of their tokens."""
        for seed in self.spec.seeds:
            for control, vector in self._vectors(layer, seed).items():
                edits = [adding_at_front(vector, by) for by in self.spec.coefficients]
                losses = texts.losses(layer, edits, after=len(vector))
                for by, loss in zip(self.spec.coefficients, losses, strict=True):
                    yield scored(
                        self.spec,
                        "log_perplexity",
                        loss,
                        seed=seed,
                        conditions={**self.where, "coefficient": by, "text": name},
                        control=control,
                        units=texts.units,
                    )

    def _vectors(self, layer: int, seed: int) -> Mapping[str | None, Tensor]:
        """The pair's vector, and a random one of the same length at each position."""
        vector = self.by_layer[layer]
        inside = vector.norm(dim=-1) > 0
        found = with_control(vector[inside], seed, f"{self.topic} {layer}")
        random = torch.zeros_like(vector)
        random[inside] = found[CONTROL]
        return {None: vector, CONTROL: random}


def topic_ids(lm: LanguageModel, topic: Topic) -> Tensor:
    """First tokens of the topic's words, each behind a space."""
    given = lm.tokenizer([f" {word}" for word in WORDS[topic]], add_special_tokens=False)
    encoded = cast("list[list[int]]", given["input_ids"])
    return torch.tensor(sorted({ids[0] for ids in encoded}))
