"""Whether the model does the task at all: on each wording, and where the names tell nothing."""

from collections.abc import Iterator, Sequence
from functools import partial

import torch
from torch import Tensor

from harness.data.contrasts import text_of
from harness.experiments.context import Context
from harness.experiments.patching.task import behaviour_prompts
from harness.experiments.scored import scored, units_digest
from harness.measurement import Measurement
from harness.models.extraction import extract
from harness.models.hookpoints import Hookpoint
from harness.models.language_model import LanguageModel
from harness.models.prompts import token_id
from harness.models.unembed import logits
from harness.specs import PatchingSpec

ROWS = 256
"""Prompts whose logits of the whole vocabulary are held at once."""


def behaviour(spec: PatchingSpec, lm: LanguageModel, context: Context) -> Iterator[Measurement]:
    """Logit difference, preference and probability of every variant, all seeds."""
    for seed in spec.seeds:
        for variant in spec.variants:
            contrasts = behaviour_prompts(spec, lm, seed, variant, context)
            units = units_digest(each.unit for each in contrasts)
            ids = [
                torch.tensor([[token_id(lm, word) for word in words] for words in side])
                for side in zip(*((each.answers, each.foils) for each in contrasts), strict=True)
            ]
            sides: dict[str | None, list[str]] = {None: [text_of(each.clean) for each in contrasts]}
            if variant == "plain":
                sides["unrelated_names"] = [text_of(each.corrupted) for each in contrasts]
            for control, texts in sides.items():
                progress = partial(context.progress, f"{control or variant}, seed {seed}")
                found = _scores(lm, _last(lm, texts, progress), *ids)
                for metric, scores in found.items():
                    yield scored(
                        spec,
                        metric,
                        scores,
                        seed=seed,
                        conditions={"variant": variant, "ablated": "none"},
                        control=control,
                        units=units,
                    )


def _last(lm: LanguageModel, texts: Sequence[str], progress: "partial[None]") -> Tensor:
    """What leaves the last block at the end of each text, [text, d_model]."""
    point = Hookpoint("resid_post", lm.n_layers - 1)
    return extract(lm, texts, [point], progress=progress)[point]


@torch.inference_mode()
def _scores(lm: LanguageModel, last: Tensor, answers: Tensor, foils: Tensor) -> dict[str, Tensor]:
    """One score a prompt by metric."""
    found: dict[str, list[Tensor]] = {}
    for resid, answer, foil in zip(
        last.split(ROWS), answers.split(ROWS), foils.split(ROWS), strict=True
    ):
        scores = logits(lm, resid.to(lm.device)).cpu()
        difference = scores.gather(1, answer).mean(1) - scores.gather(1, foil).mean(1)
        found.setdefault("logit_difference", []).append(difference)
        found.setdefault("answer_preferred", []).append((difference > 0).float())
        probability = scores.softmax(-1).gather(1, answer).sum(1)
        found.setdefault("answer_probability", []).append(probability)
    return {metric: torch.cat(parts) for metric, parts in found.items()}
