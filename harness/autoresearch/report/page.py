"""The page of a campaign: which sections there are and in what order."""

from harness.autoresearch.report.material import Material
from harness.autoresearch.report.sections.accounts import accounts_section
from harness.autoresearch.report.sections.again import again_section
from harness.autoresearch.report.sections.checked import checked_section
from harness.autoresearch.report.sections.findings import (
    ablation_section,
    failures_section,
    loopholes_section,
    refusals_section,
)
from harness.autoresearch.report.sections.headline import headline_section
from harness.autoresearch.report.sections.trials import changes_section, trials_section
from harness.autoresearch.report.sections.winner import winner_section
from harness.report.document import Block, Picture
from harness.report.figures.style import Drawing
from harness.report.sections.figures import picture


def campaign_page(material: Material, curve: Drawing) -> list[Block]:
    """What came out, what it rests on, what went wrong, what it cost, then each trial's text."""
    figure: list[Picture] = [picture(curve)] if material.history.trials else []
    return [
        *headline_section(material),
        *figure,
        *checked_section(material),
        *winner_section(material),
        *trials_section(material),
        *ablation_section(material),
        *loopholes_section(material),
        *refusals_section(material),
        *failures_section(material),
        *accounts_section(material),
        *again_section(material),
        *changes_section(material),
    ]
