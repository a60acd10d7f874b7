"""What steering costs: log perplexity of texts that have nothing to do with the direction."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from harness.data.package_text import texts
from harness.experiments.context import Context
from harness.experiments.scored import units_digest
from harness.experiments.steering.streams import Edit, steer_each, token_losses
from harness.manifest import DataUsed
from harness.models.language_model import LanguageModel
from harness.models.resume import Base, run_base
from harness.models.tokenization import tokenize
from harness.record import HarnessError

TOKENS = 64
"""Of each text, from its beginning; shorter ones are left out."""
LEAST_CHARACTERS = 400
_MOST_CHARACTERS = 16
"""Of a token; what lies beyond is not read, for whole texts may be longer than a context."""


@dataclass(frozen=True)
class Texts:
    """Texts of equal length, run once without steering."""

    lm: LanguageModel
    base: Base
    units: str

    @classmethod
    def neutral(cls, lm: LanguageModel, count: int, context: Context) -> "Texts":
        """`count` texts from the documentation of installed packages.

        Raises `HarnessError` where too few are long enough.
        """
        given = texts(count=2 * count, least=LEAST_CHARACTERS, seed=0)
        context.data["package_text"] = DataUsed(
            source=", ".join(f"{name} {version}" for name, version in given.packages.items()),
            sha256=given.sha256,
            statements=count,
        )
        return cls.of(lm, given.texts, tokens=TOKENS, count=count)

    @classmethod
    def of(cls, lm: LanguageModel, given: Sequence[str], *, tokens: int, count: int) -> "Texts":
        """The first `count` of the texts that have so many tokens, cut to them."""
        most = min(_MOST_CHARACTERS * tokens, lm.context_length // 2)
        beginnings = [each[:most] for each in given]
        long = [each for each in tokenize(lm, beginnings) if len(each) >= tokens][:count]
        if len(long) < count:
            raise HarnessError(f"{len(long)} texts have {tokens} tokens; {count} are needed")
        base = run_base(lm, torch.tensor([each[:tokens] for each in long]))
        return cls(lm, base, units_digest(map(str, long)))

    def losses(
        self,
        layer: int,
        edits: Sequence[Edit],
        later: Sequence[Sequence[Edit]] = (),
        *,
        after: int = 1,
    ) -> list[Tensor]:
        """Mean loss of each text in nats a token, [texts] for each edit made at every position.

        `later` is as in `steer_each`. Tokens before position `after` are not counted: those that
        stand where a vector was added were to be guessed before it.
        """
        mask = torch.ones(self.base.tokens.shape, dtype=torch.bool)
        runs = steer_each(self.lm, self.base, mask, layer, edits, later)
        return [
            token_losses(self.lm, self.base.tokens, run)[:, max(after - run.start - 1, 0) :].mean(1)
            for run in runs
        ]
