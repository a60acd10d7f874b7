"""Render a replication for people: a page, figures, tables, a notebook. Judges nothing."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.replication import Replication


def write_report(replication: "Replication") -> Path:
    """Write report, figures, tables, notebook and explorer entry; gives the Markdown file.

    The same inputs give the same bytes. Each file is written whole or not at all.
    """
    from harness.report.current import inputs_digest, is_current

    digest = inputs_digest(replication)
    if not is_current(replication.root, digest):
        from harness.report.write import write_files

        write_files(replication, digest)
    return replication.root / "report.md"
