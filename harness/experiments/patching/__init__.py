"""The family `patching`: where an answer comes from, by putting one run's activations into another.

Follows Wang et al. 2022, "Interpretability in the Wild" (arXiv:2211.00593): behaviour, activation
and path patching, classes of heads, knock-outs by mean ablation, faithfulness of the circuit.
"""

from collections.abc import Iterator
from functools import partial

import torch

from harness.experiments.context import Context
from harness.experiments.patching.behaviour import behaviour
from harness.experiments.patching.circuits import Ablations, circuit_rows, knockout_rows
from harness.experiments.patching.class_rows import class_rows
from harness.experiments.patching.classes import find_classes
from harness.experiments.patching.drawn import Drawn
from harness.experiments.patching.evidence import gather
from harness.experiments.patching.maps import maps
from harness.experiments.patching.members import member_rows
from harness.experiments.patching.runs import references
from harness.experiments.patching.task import head_prompts
from harness.measurement import Measurement
from harness.models.language_model import LanguageModel, load_model
from harness.specs import PatchingSpec


def run(spec: PatchingSpec, context: Context) -> Iterator[Measurement]:
    """Behaviour, maps, then for each seed the classes of heads with all that is asked of them."""
    lm = load_model(spec.model, device=context.device, dtype=spec.dtype)
    context.note_model(spec.model, lm)
    yield from behaviour(spec, lm, context)
    yield from maps(spec, lm, context)
    for seed in spec.seeds if spec.heads else ():
        yield from _heads(spec, lm, seed, context)


@torch.inference_mode()
def _heads(
    spec: PatchingSpec, lm: LanguageModel, seed: int, context: Context
) -> Iterator[Measurement]:
    apart, reported = head_prompts(spec, lm, seed, context)
    progress = partial(context.progress, f"finding heads, seed {seed}")
    found = find_classes(spec, lm, apart, progress)
    yield from member_rows(spec, found, len(apart.contrasts), seed)
    drawn = Drawn.of(spec, lm, found, seed)
    runs = references(spec, lm, reported)
    evidence = gather(spec, lm, reported, runs, found)
    yield from class_rows(spec, lm, evidence, drawn, seed)
    of = Ablations(spec, lm, reported, runs, seed)
    yield from knockout_rows(of, drawn, context.progress)
    yield from circuit_rows(of, drawn, context.progress)
