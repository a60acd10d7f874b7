"""Whether the verdicts that a replication carries are those that its rows give."""

from harness.record import HarnessError
from harness.replication import Replication


def require_own_verdicts(replication: Replication) -> None:
    """Raises `HarnessError` where verdicts are missing or differ when they are computed again."""
    stored = replication.stored_verdicts()
    if stored is None:
        raise HarnessError(f"{replication.name}: not judged yet; run `harness judge` first")
    if stored.paper_digest != replication.paper.digest:
        raise HarnessError(
            f"{replication.name}/verdicts.json: the paper spec changed since; run `harness judge`"
        )
    differ = stored.differing(replication.verdicts())
    if differ:
        raise HarnessError(
            f"{replication.name}/verdicts.json: not what the measurements give for "
            f"{', '.join(differ)}; run `harness judge`"
        )
