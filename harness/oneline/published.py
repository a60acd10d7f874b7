"""SAEs that the paper of the synthetic worlds prints, where its spec is at hand."""

from harness.project import find_project
from harness.record import HarnessError
from harness.replication import load_paper
from harness.report.benches import Published, published

PAPER = "synthsaebench"


def published_saes() -> list[Published]:
    """None outside of a project, or in one without that paper."""
    try:
        return published(load_paper(find_project(), PAPER))
    except HarnessError:
        return []
