"""A training step of any SAELens class through its own forward pass and autograd.

In bfloat16 the forward pass runs under autocast, as in the paper's sweeps; weights stay float32.
"""

import torch
from jaxtyping import Bool, Float
from sae_lens.saes.sae import TrainStepInput
from torch import Tensor, nn

from harness.saes.architectures import AnySAE
from harness.saes.autotune import Autotuner
from harness.saes.coefficients import Coefficients
from harness.saes.fired import Fired


class DenseStep:
    """Sets the gradients of one SAE."""

    def __init__(self, sae: AnySAE, tuner: Autotuner | None, *, autocast: bool = False) -> None:
        self.sae = sae
        self.coefficients = Coefficients(sae, tuner)
        self._autocast = autocast
        self.parameters: list[nn.Parameter] = list(sae.parameters())

    def __call__(
        self, x: Float[Tensor, "rows d"], dead: Bool[Tensor, " latents"], step: int
    ) -> Fired:
        """Set the gradient of the loss of a batch."""
        self.sae.train()
        self.sae.zero_grad()
        given = TrainStepInput(
            sae_in=x,
            dead_neuron_mask=dead,
            coefficients=self.coefficients.at(step),
            n_training_steps=step,
            is_logging_step=False,
        )
        with torch.autocast(x.device.type, torch.bfloat16, enabled=self._autocast):
            output = self.sae.training_forward_pass(given)
        output.loss.backward()
        with torch.no_grad():
            active = output.feature_acts != 0
            fired = Fired(active.any(dim=0), float(active.sum()) / len(x))
        self.coefficients.follow(fired.l0, step)
        return fired
