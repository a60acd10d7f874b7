"""The page: which sections there are and in what order. Neither Markdown nor HTML."""

from collections.abc import Sequence

from harness.report.comparison import Comparison
from harness.report.document import Block
from harness.report.figures.style import Drawing
from harness.report.material import Material
from harness.report.sections.again import again_section
from harness.report.sections.conditions import (
    deviations_section,
    failures_section,
    untested_section,
)
from harness.report.sections.evidence import evidence_section
from harness.report.sections.figures import figures_section
from harness.report.sections.graphs import graphs_section
from harness.report.sections.heads import heads_section
from harness.report.sections.imported import imported_section
from harness.report.sections.outcome import outcome_section
from harness.report.sections.tables import tables_section
from harness.report.sections.verdicts import verdict_section


def report_page(
    material: Material, compared: Sequence[Comparison], drawings: Sequence[Drawing]
) -> list[Block]:
    """Verdicts first, then what they rest on, then how to obtain it again."""
    return [
        *outcome_section(material),
        *verdict_section(material, drawings),
        *imported_section(material),
        *tables_section(material, compared, drawings),
        *heads_section(material),
        *graphs_section(material, drawings),
        *figures_section(drawings),
        *evidence_section(material),
        *deviations_section(material),
        *untested_section(material),
        *failures_section(material),
        *again_section(material),
    ]
