"""Write a campaign's report into its folder, from the ledger and the store alone."""

from pathlib import Path
from typing import TYPE_CHECKING

from harness.autoresearch.report.curve import draw_curve
from harness.autoresearch.report.material import Material
from harness.autoresearch.report.page import campaign_page
from harness.record import write_bytes, write_text
from harness.report.figures.style import png, svg
from harness.report.html import render_html
from harness.report.markdown import render_markdown
from harness.report.sections.figures import picture_path

if TYPE_CHECKING:
    from harness.autoresearch.campaign import Campaign


def write_report(campaign: "Campaign") -> Path:
    """`report.md`, `report.html` (one file, without scripts) and the figure; the path of the first.

    Raises `HarnessError` where the store lacks a recipe.
    """
    return write_files(Material.of(campaign), campaign.folder)


def write_files(material: Material, folder: Path) -> Path:
    """The same, from material at hand."""
    curve = draw_curve(material.history)
    page, image = campaign_page(material, curve), png(curve)
    write_bytes(folder / picture_path(curve), image)
    write_bytes(folder / f"figures/{curve.name}.svg", svg(curve))
    html = render_html(material.task.title, page, {picture_path(curve): image})
    write_text(folder / "report.html", html)
    write_text(folder / "report.md", render_markdown(page))
    return folder / "report.md"
