"""Few-shot prompts that ask whether a statement is true, and the probability that each gets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from harness.data.catalogue import load_statements
from harness.data.statements import Statement
from harness.experiments.context import Context
from harness.experiments.scored import units_digest
from harness.experiments.steering.draws import stream
from harness.experiments.steering.streams import (
    Edit,
    Sequences,
    batches,
    steer_each,
)
from harness.manifest import DataUsed
from harness.models.extraction import extract
from harness.models.hookpoints import Hookpoint
from harness.models.language_model import LanguageModel
from harness.models.prompts import single_token, token_id
from harness.models.resume import run_base
from harness.models.tokenization import tokenize
from harness.models.unembed import logits
from harness.record import HarnessError
from harness.specs.steering import Truth

STEERED_SET = "sp_en_trans"
STEERED_TOKENS = 2
"""The last tokens of the statement: its final word's end and the period."""
_WORDS = ((" TRUE", " FALSE"), (" True", " False"), (" true", " false"))
"""The first pair whose words are single tokens is used; the first is the paper's."""
_QUESTION = " This statement is:"


@dataclass(frozen=True)
class Judged:
    """Each noun once with its true meaning and once with a false one, behind solved examples."""

    lm: LanguageModel
    texts: Mapping[bool, tuple[str, ...]]
    """By truth: every prompt."""
    prompts: Mapping[bool, tuple[tuple[int, ...], ...]]
    """Their token ids."""
    starts: Mapping[bool, tuple[int, ...]]
    """Index of the first steered token, the last but one of the statement."""
    words: tuple[int, int]
    """Token ids of TRUE and FALSE."""
    units: str

    def unsteered(self, *, label: bool) -> Float[Tensor, " nouns"]:
        """P(TRUE) - P(FALSE) of true or of false statements; what prompts share is run once."""
        last = Hookpoint("resid_post", self.lm.n_layers - 1)
        return self._difference(extract(self.lm, self.texts[label], [last])[last])

    def answers(
        self, layer: int, edits: Mapping[str, Sequence[Edit]], *, label: bool
    ) -> dict[str, Float[Tensor, " nouns"]]:
        """P(TRUE) - P(FALSE) under each list of edits, of what leaves `layer` and the next ones."""
        prompts = self.prompts[label]
        found = {name: torch.zeros(len(prompts)) for name in edits}
        first, later = [each[0] for each in edits.values()], [each[1:] for each in edits.values()]
        for batch in batches(Sequences(prompts, self.starts[label])):
            base = run_base(self.lm, batch.tokens)
            places = torch.arange(batch.tokens.shape[1])
            starts = torch.tensor(batch.starts)[:, None]
            mask = (places >= starts) & (places < starts + STEERED_TOKENS)
            for name, run in zip(
                edits, steer_each(self.lm, base, mask, layer, first, later), strict=True
            ):
                found[name][list(batch.indices)] = self._difference(run.resid[:, -1])
        return found

    @torch.inference_mode()
    def _difference(self, resid: Float[Tensor, "prompts d"]) -> Float[Tensor, " prompts"]:
        chances = (
            logits(self.lm, resid.to(self.lm.device)).float().softmax(-1)[:, list(self.words)].cpu()
        )
        return chances[:, 0] - chances[:, 1]


def judged_prompts(lm: LanguageModel, task: Truth, context: Context) -> Judged:
    """Prompts on every noun that is not among the solved examples.

    Raises `HarnessError` where no pair of words for true and false is single tokens.
    """
    given = load_statements(STEERED_SET)
    context.data[STEERED_SET] = DataUsed(
        source="generated", sha256=given.sha256, statements=len(given.statements)
    )
    yes, no = _words(lm)
    solved = _examples(given.statements, task.shots)
    opening = "".join(f"{each.text}{_QUESTION}{yes if each.label else no}\n" for each in solved)
    shown = {each.unit for each in solved}
    asked = [each for each in given.statements if each.unit not in shown]
    texts: dict[bool, tuple[str, ...]] = {}
    prompts: dict[bool, tuple[tuple[int, ...], ...]] = {}
    starts: dict[bool, tuple[int, ...]] = {}
    for label in (True, False):
        some = [each for each in asked if each.label == label]
        texts[label] = tuple(f"{opening}{each.text}{_QUESTION}" for each in some)
        prompts[label], starts[label] = _laid_out(lm, opening, some)
    units = [each.unit for each in asked if each.label]
    assert units == [each.unit for each in asked if not each.label], "nouns are not paired"
    words = (token_id(lm, yes), token_id(lm, no))
    return Judged(lm, texts, prompts, starts, words, units_digest(units))


def _words(lm: LanguageModel) -> tuple[str, str]:
    single = single_token(lm)
    for pair in _WORDS:
        if all(map(single, pair)):
            return pair
    raise HarnessError(f"{lm.ref}: no pair of {_WORDS} is single tokens")


def _examples(statements: Sequence[Statement], shots: int) -> list[Statement]:
    """Half of them true, each about another noun, in an order that tells nothing."""
    order = torch.randperm(len(statements), generator=stream(0, "solved examples")).tolist()
    found: list[Statement] = []
    for each in (statements[place] for place in order):
        same = sum(one.label == each.label for one in found)
        if same < shots // 2 and each.unit not in {one.unit for one in found}:
            found.append(each)
    return found


def _laid_out(
    lm: LanguageModel, opening: str, some: Sequence[Statement]
) -> tuple[tuple[tuple[int, ...], ...], tuple[int, ...]]:
    """Token ids, and where the last tokens of the statement begin."""
    whole = tokenize(lm, [f"{opening}{each.text}{_QUESTION}" for each in some])
    stated = tokenize(lm, [f"{opening}{each.text}" for each in some])
    for ids, beginning in zip(whole, stated, strict=True):
        if ids[: len(beginning)] != beginning:
            raise HarnessError(f"{lm.ref}: a token spans the statement's period and the question")
    return tuple(whole), tuple(len(each) - STEERED_TOKENS for each in stated)
