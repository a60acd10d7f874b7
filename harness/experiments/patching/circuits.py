"""What is lost without a class of heads, and what a circuit of classes keeps by itself."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from harness.experiments.patching.classes import Classes
from harness.experiments.patching.drawn import Drawn, union
from harness.experiments.patching.runs import Reference
from harness.experiments.patching.task import Prompts
from harness.experiments.scored import scored
from harness.measurement import Condition, Measurement
from harness.models.head_sets import Head, Mask, head_mask
from harness.models.language_model import LanguageModel
from harness.ops.ratios import ratio_scores
from harness.specs import PatchingSpec

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Ablations:
    """Logit differences of the reported prompts with some heads ablated, [unit]."""

    spec: PatchingSpec
    lm: LanguageModel
    prompts: Prompts
    runs: Sequence[Reference]
    seed: int

    @property
    def intact(self) -> Tensor:
        """Of the whole model: F(M)."""
        return self.prompts.joined([each.difference for each in self.runs])

    def without(self, heads: Sequence[Head]) -> Tensor:
        """Of the model without some heads, anywhere: F(M without K)."""
        return self._run(lambda each: head_mask(self.lm, heads, seq=each.pairs.clean.shape[1]))

    def circuit(self, classes: Classes, *, lacking: Sequence[Head] = ()) -> Tensor:
        """Of the circuit alone, each class at its place: F(C without K)."""
        return self._run(lambda each: ~self._kept(each, classes, lacking))

    def _kept(self, each: Reference, classes: Classes, lacking: Sequence[Head]) -> Mask:
        seq = each.pairs.clean.shape[1]
        kept = head_mask(self.lm, (), seq=seq)
        for name in self.spec.circuit:
            heads = [head for head in classes[name] if head not in lacking]
            place = each.roles[self.spec.heads[name].at]
            kept |= head_mask(self.lm, heads, seq=seq, places=[place])
        return kept

    def _run(self, mask: Callable[[Reference], Mask]) -> Tensor:
        return self.prompts.joined([each.ablated(self.lm, mask(each)) for each in self.runs])

    def share(self, part: Tensor) -> Tensor:
        """Scores of a mean as a share of the intact one."""
        return ratio_scores(part, self.intact)

    def row(
        self, metric: str, scores: Tensor, control: str | None, **conditions: Condition
    ) -> Measurement:
        """One measurement over the prompts."""
        return scored(
            self.spec,
            metric,
            scores,
            seed=self.seed,
            conditions={"ablation": self.spec.ablation, **conditions},
            control=control,
            units=self.prompts.units,
        )


def knockout_rows(of: Ablations, drawn: Drawn, progress: Progress) -> Iterator[Measurement]:
    """Logit difference kept without each class, and without as many random heads."""
    for step, joined in enumerate(of.spec.knockouts):
        progress("knocking heads out", step, len(of.spec.knockouts))
        for control, draws in drawn.alternatives():
            parts = [of.without(union(classes, joined)) for classes in draws]
            kept = of.share(torch.stack(parts).mean(0))
            yield of.row("logit_difference_kept", kept, control, ablated=joined)
    progress("knocking heads out", len(of.spec.knockouts), len(of.spec.knockouts))


def circuit_rows(of: Ablations, drawn: Drawn, progress: Progress) -> Iterator[Measurement]:
    """Faithfulness against random circuits; completeness and minimality by class."""
    if not of.spec.circuit:
        return
    whole = of.circuit(drawn.found)
    yield of.row("faithfulness", of.share(whole), None)
    parts = [of.circuit(classes) for classes in drawn.draws]
    yield of.row("faithfulness", of.share(torch.stack(parts).mean(0)), "random_circuit")
    for step, name in enumerate(of.spec.circuit):
        progress("taking the circuit apart", step, len(of.spec.circuit))
        heads = drawn.found[name]
        lacking = of.circuit(drawn.found, lacking=heads)
        gap = of.share(lacking - of.without(heads))
        yield of.row("completeness_gap", gap, None, without=name)
        yield of.row("minimality", of.share(whole - lacking), None, without=name)
    progress("taking the circuit apart", len(of.spec.circuit), len(of.spec.circuit))
