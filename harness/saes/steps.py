"""Which training step an SAE gets: one that costs what is active where there is one."""

from sae_lens import (
    BatchTopKTrainingSAE,
    MatchingPursuitTrainingSAE,
    MatryoshkaBatchTopKTrainingSAE,
    StandardTrainingSAE,
    TopKTrainingSAE,
)

from harness.saes.architectures import AnySAE
from harness.saes.autotune import Autotuner
from harness.saes.dense_step import DenseStep
from harness.saes.l1_step import L1Step
from harness.saes.pursuit_step import PursuitStep
from harness.saes.sparse_step import SparseStep
from harness.saes.topk_step import TopKStep

Step = DenseStep | SparseStep | PursuitStep
_TOPK = (TopKTrainingSAE, BatchTopKTrainingSAE, MatryoshkaBatchTopKTrainingSAE)


def choose_step(sae: AnySAE, tuner: Autotuner | None, *, autocast: bool = False) -> Step:
    """Exactly these classes have a quick step; what derives from them may compute otherwise.

    Quick steps compute in float32 whatever `autocast` says.
    """
    if sae.cfg.normalize_activations in ("none", "expected_average_only_in"):
        if isinstance(sae, TopKTrainingSAE) and type(sae) in _TOPK:
            return TopKStep(sae)
        if type(sae) is StandardTrainingSAE and sae.cfg.lp_norm == 1:
            return L1Step(sae, tuner)
        if type(sae) is MatchingPursuitTrainingSAE and _takes_a_fixed_number(sae):
            return PursuitStep(sae)
    return DenseStep(sae, tuner, autocast=autocast)


def _takes_a_fixed_number(sae: MatchingPursuitTrainingSAE) -> bool:
    cfg = sae.cfg
    fixed = cfg.residual_threshold <= 0 and not cfg.stop_on_duplicate_support
    return fixed and cfg.max_iterations is not None and cfg.apply_b_dec_to_input
