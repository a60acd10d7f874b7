"""The confirmation of a promotion, on the gate's world, with pairs that nothing was chosen by."""

from collections.abc import Sequence

from harness.autoresearch.keep.paired import paired_test
from harness.autoresearch.ledger.event import Test
from harness.autoresearch.task import KeepRule


def confirmed(
    rule: KeepRule,
    seeds: Sequence[int],
    differences: Sequence[float],
    *,
    simpler: bool,
    level: float,
) -> tuple[bool, Test]:
    """Whether fresh pairs pass one test, and the test.

    `level` is the visit's, `alpha.gate_level`.

    `simpler` is by which verdict it came here: it then has to rule out a loss of the margin, else
    to show a gain. The promise holds only for seeds that no other trial was gated on.
    """
    assert len(differences) == rule.gate_seeds, (len(differences), rule.gate_seeds)
    margin = rule.margin if simpler else 0.0
    test = paired_test(seeds, differences, level=level, margin=margin)
    return test.p <= level, test
