"""Weights of the sparsity losses: SAELens' warm-up, times what the autotuner finds."""

from sae_lens.saes.sae import TrainCoefficientConfig

from harness.saes.architectures import AnySAE
from harness.saes.autotune import Autotuner


class Coefficients:
    """By name, as `TrainStepInput` takes them."""

    def __init__(self, sae: AnySAE, tuner: Autotuner | None) -> None:
        self.tuner = tuner
        self._wanted = {name: _config(value) for name, value in sae.get_coefficients().items()}

    def at(self, step: int) -> dict[str, float]:
        """The coefficients of a step; while warming up they rise linearly."""
        multiplier = 1.0 if self.tuner is None else self.tuner.multiplier
        return {name: multiplier * _risen(each, step) for name, each in self._wanted.items()}

    def follow(self, l0: float, step: int) -> None:
        """Take note of a batch's L0."""
        if self.tuner is not None:
            self.tuner.follow(l0, step)


def _config(value: float | TrainCoefficientConfig) -> TrainCoefficientConfig:
    return value if isinstance(value, TrainCoefficientConfig) else TrainCoefficientConfig(value, 0)


def _risen(wanted: TrainCoefficientConfig, step: int) -> float:
    if step >= wanted.warm_up_steps:
        return wanted.value
    return wanted.value * step / wanted.warm_up_steps
