"""The sparse step of standard SAEs: a ReLU, and an L1 loss weighed by the decoder's norms."""

import torch
from jaxtyping import Bool, Float
from sae_lens import StandardTrainingSAE
from torch import Tensor

from harness.ops.places import places
from harness.ops.sparse_code import ByLatent, SparseCode, sparse_code
from harness.saes.sparse_step import Batch, SparseStep, grad


class L1Step(SparseStep):
    """The loss of SAELens' `StandardTrainingSAE` with `lp_norm` 1."""

    sae: StandardTrainingSAE

    def code(self, centred: Float[Tensor, "rows d"]) -> SparseCode:
        """All latents above 0."""
        pre = torch.addmm(self.sae.b_enc, centred, self.encoder.T)
        where = places(pre > 0)
        values = pre.view(-1).index_select(0, where)
        return sparse_code(values, where, len(centred), (self.sae.cfg.d_sae,))

    def more(
        self,
        code: SparseCode,
        batch: Batch,
        dead: Bool[Tensor, " latents"],  # noqa: ARG002
        step: int,
    ) -> None:
        """c times the mean over rows of the sum of value times decoder norm."""
        weight = self.coefficients.at(step)["l1"] / len(batch.centred)
        norms = self.sae.W_dec.norm(dim=1)
        latents = ByLatent.of(code)
        slope = weight * norms.index_select(0, code.latents)
        grad(self.encoder).add_(latents.weighed(batch.centred, code.rows, slope))
        grad(self.sae.b_enc).add_(latents.summed(slope))
        pull = weight * latents.summed(code.values) / norms
        grad(self.sae.W_dec).addcmul_(self.sae.W_dec, pull[:, None])
