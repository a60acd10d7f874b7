"""What verdicts and report were made from, and what the verdicts were when they became known."""

from typing import Self

from harness.record import Record
from harness.replication import Replication
from harness.verdict import Outcome


class Reported(Record):
    """A replication at the time of its report."""

    spec_digest: str
    experiments: tuple[str, ...]
    """Digests of the experiments, in their order."""
    outcomes: dict[str, Outcome]
    """By claim."""

    @classmethod
    def of(cls, replication: Replication) -> Self:
        """As it stands. Raises `HarnessError` for rows that cannot be judged."""
        return cls(
            spec_digest=replication.spec.digest,
            experiments=tuple(each.digest for each in replication.spec.experiments),
            outcomes={each.claim: each.outcome for each in replication.verdicts()},
        )
