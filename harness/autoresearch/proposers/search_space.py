"""The knobs of a recipe as optuna searches them, and earlier trials as optuna remembers them."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from harness.autoresearch.knob import Knob, Scalar, same
from harness.autoresearch.knobs import LEARNING_RATE, active
from harness.autoresearch.task import Band
from harness.record import HarnessError

if TYPE_CHECKING:
    from optuna import Trial
    from optuna.distributions import BaseDistribution

DIGITS = 3
"""Significant ones of a value that is drawn: more say nothing and cannot be read."""

OFF = 0.05
"""Part of a range from 0 that counts as 0, so that an ingredient is left away now and then."""


class Space:
    """What may be drawn: every knob that has more than one value."""

    def __init__(self, knobs: Mapping[str, Knob], learning_rate: Band) -> None:
        self.knobs = {
            name: _within(knob, learning_rate) if name == LEARNING_RATE else knob
            for name, knob in knobs.items()
        }

    def draw(self, trial: "Trial") -> dict[str, Scalar]:
        """A value for each knob; those without an effect keep theirs and are not drawn."""
        drawn = dict(self.knobs)
        done: set[str] = set()
        # What a knob hangs on is drawn before it, and says whether it is drawn at all.
        while left := [name for name in active(drawn) if name not in done]:
            name = min(left, key=lambda each: (self._depth(each), [*self.knobs].index(each)))
            done.add(name)
            if self._is_free(name):
                drawn[name] = drawn[name].set_to(self._suggested(trial, name))
        return {name: knob.setting for name, knob in drawn.items()}

    def known(self, values: Mapping[str, Scalar]) -> dict[str, Scalar] | None:
        """The values that have an effect, as this recipe reads them; what the trial does not say
        is as here. `None` where one cannot be had here."""
        told: dict[str, Knob] = {}
        for name, knob in self.knobs.items():
            try:
                told[name] = knob.set_to(values[name]) if name in values else knob
            except HarnessError:
                return None
        return {name: told[name].setting for name in self.knobs if name in active(told)}

    def remembered(
        self, values: Mapping[str, Scalar]
    ) -> tuple[dict[str, float | int], dict[str, "BaseDistribution"]] | None:
        """Parameters and distributions of an earlier trial, of the knobs that had an effect."""
        known = self.known(values)
        if known is None:
            return None
        free = [name for name in known if self._is_free(name)]
        parameters = {name: self._parameter(name, known[name]) for name in free}
        return parameters, {name: self._distribution(name) for name in free}

    def _depth(self, name: str) -> int:
        on = self.knobs[name].when
        return 0 if on is None else 1 + self._depth(on)

    def _is_free(self, name: str) -> bool:
        knob = self.knobs[name]
        if knob.choices is not None:
            return len(knob.choices) > 1
        low, high = knob.bounds
        return low < high

    def _distribution(self, name: str) -> "BaseDistribution":
        from optuna.distributions import (
            CategoricalDistribution,
            FloatDistribution,
            IntDistribution,
        )

        knob = self.knobs[name]
        if knob.choices is not None:
            # Places, for optuna takes 1, 1.0 and true for one choice.
            return CategoricalDistribution(range(len(knob.choices)))
        low, high = knob.bounds
        if knob.is_whole:
            return IntDistribution(int(low), int(high), log=knob.log)
        return FloatDistribution(low, high, log=knob.log)

    def _parameter(self, name: str, value: Scalar) -> float | int:
        choices = self.knobs[name].choices
        if choices is not None:
            return next(at for at, each in enumerate(choices) if same(each, value))
        assert not isinstance(value, str), (name, value)
        return value

    def _suggested(self, trial: "Trial", name: str) -> Scalar:
        knob = self.knobs[name]
        if knob.choices is not None:
            return knob.choices[trial.suggest_categorical(name, range(len(knob.choices)))]
        low, high = knob.bounds
        if knob.is_whole:
            return trial.suggest_int(name, int(low), int(high), log=knob.log)
        drawn = trial.suggest_float(name, low, high, log=knob.log)
        is_off = low == 0 and drawn < OFF * high
        return 0.0 if is_off else _rounded(drawn, low, high)


def _within(knob: Knob, band: Band) -> Knob:
    """The knob of the learning rate with the part of its range that the contract allows."""
    if knob.choices is not None:
        allowed = tuple(each for each in knob.choices if not isinstance(each, str) and each in band)
        return knob.model_copy(update={"choices": allowed}) if allowed else knob
    low, high = knob.bounds
    low, high = max(low, band.low), min(high, band.high)
    return knob.model_copy(update={"low": low, "high": high}) if low <= high else knob


def _rounded(value: float, low: float, high: float) -> float:
    if value == 0 or not math.isfinite(value):
        return value
    return min(max(float(f"{value:.{DIGITS}g}"), low), high)
