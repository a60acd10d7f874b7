"""The sparse step of TopK, BatchTopK and Matryoshka SAEs, with the loss for dead latents."""

import torch
from jaxtyping import Bool, Float, Int
from sae_lens import BatchTopKTrainingSAE, MatryoshkaBatchTopKTrainingSAE, TopKTrainingSAE
from torch import Tensor

from harness.ops.sparse_code import SparseCode, products_at, sparse_code
from harness.saes.selection import BatchTopK, row_topk
from harness.saes.sparse_step import Batch, SparseStep, grad


class TopKStep(SparseStep):
    """Picks the latents that add most to the reconstruction."""

    sae: TopKTrainingSAE

    def __init__(self, sae: TopKTrainingSAE) -> None:
        super().__init__(sae)
        matryoshka = isinstance(sae, MatryoshkaBatchTopKTrainingSAE)
        self._widths = tuple(sae.cfg.matryoshka_widths) if matryoshka else (sae.cfg.d_sae,)
        self._by_level = matryoshka and sae.cfg.use_matryoshka_aux_loss
        self.pick = BatchTopK(sae.cfg.k) if isinstance(sae, BatchTopKTrainingSAE) else None
        self._coarse = _multiplies_bfloat16(sae.device)

    def code(self, centred: Float[Tensor, "rows d"]) -> SparseCode:
        """The active latents, their values in full precision however they were found."""
        rows, norms = len(centred), self._norms(self.sae.W_dec)
        if self.pick is None:
            pre = torch.addmm(self.sae.b_enc, centred, self.encoder.T)
            where = row_topk(pre, norms, self.sae.cfg.k)
            return sparse_code(pre.view(-1).index_select(0, where), where, rows, self._widths)
        near = self.pick.candidates(self._found(centred), norms)
        latents = near % len(norms)
        values = products_at(near, centred, self.encoder) + self.sae.b_enc[latents]
        kept = self.pick.settle(values * norms[latents], rows)
        return sparse_code(values[kept], near[kept], rows, self._widths)

    def more(
        self,
        code: SparseCode,  # noqa: ARG002
        batch: Batch,
        dead: Bool[Tensor, " latents"],
        step: int,  # noqa: ARG002
    ) -> None:
        """The loss by which dead latents explain what the living leave over."""
        self._follow_threshold()
        where = dead.nonzero().squeeze(1)
        if not self._by_level:
            self._revive(batch, where, batch.residual[:, -1])
            return
        ends = torch.tensor(self._widths, device=where.device)
        level_of = torch.bucketize(where, ends, right=True)
        for level in range(len(self._widths)):
            self._revive(batch, where[level_of == level], batch.residual[:, level])

    def _found(self, centred: Float[Tensor, "rows d"]) -> Float[Tensor, "rows latents"]:
        """Pre-activations near enough to find the largest by."""
        operands = self.sae.b_enc, centred, self.encoder.T
        if self._coarse:
            operands = tuple(operand.bfloat16() for operand in operands)
        return torch.addmm(*operands)

    def _norms(self, decoder: Float[Tensor, "m d"]) -> Float[Tensor, " m"]:
        """What values are weighed by before the largest are picked."""
        if self.sae.cfg.rescale_acts_by_decoder_norm:
            return decoder.norm(dim=1)
        return decoder.new_ones(len(decoder))

    def _revive(
        self, batch: Batch, dead: Int[Tensor, " dead"], residual: Float[Tensor, "rows d"]
    ) -> None:
        """The auxiliary loss of one level's dead latents: SAELens' `calculate_topk_aux_loss`."""
        if not len(dead):
            return
        sae, most = self.sae, residual.shape[1] // 2
        decoder = sae.W_dec[dead]
        values = torch.addmm(sae.b_enc[dead], batch.centred, self.encoder[dead].T)
        if len(dead) > most:
            top = (values * self._norms(decoder)).topk(most, dim=1, sorted=False).indices
            values = torch.zeros_like(values).scatter(1, top, values.gather(1, top))
        weight = 2 * sae.cfg.aux_loss_coefficient * min(len(dead) / most, 1.0) / len(residual)
        error = (values @ decoder + residual) * weight
        slope = (error @ decoder.T) * (values != 0)
        grad(sae.W_dec)[dead] += values.T @ error
        grad(self.encoder)[dead] += slope.T @ batch.centred
        grad(sae.b_enc)[dead] += slope.sum(dim=0)

    def _follow_threshold(self) -> None:
        """The running mean of thresholds that SAELens turns into a JumpReLU when it saves."""
        if isinstance(self.sae, BatchTopKTrainingSAE) and self.pick and self.pick.threshold > 0:
            last = self.sae.topk_threshold.new_tensor(self.pick.threshold)
            self.sae.topk_threshold.lerp_(last, self.sae.cfg.topk_threshold_lr)


def _multiplies_bfloat16(device: torch.device) -> bool:
    """Whether a product in bfloat16 is quicker there than in float32."""
    if device.type == "cpu":
        can = getattr(torch.cpu, "get_capabilities", dict[str, bool])()
        return bool(can.get("avx512_bf16") or can.get("amx_bf16"))
    return device.type == "cuda"
