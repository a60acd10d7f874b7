"""The files of a comparison: the same two replications give the same bytes."""

from pathlib import Path

from harness.compare.forest import draw_differences
from harness.compare.page import comparison_page
from harness.compare.side_by_side import SideBySide
from harness.compare.table import comparison_csv
from harness.paper import PaperSpec
from harness.record import write_bytes
from harness.report.figures.style import png, svg
from harness.report.html import render_html
from harness.report.markdown import render_markdown
from harness.report.sections.figures import picture, picture_path


def comparison_files(found: SideBySide, paper: PaperSpec) -> dict[str, bytes]:
    """Content of every file by its path; `paper` is the first replication's."""
    drawings = draw_differences(found, paper)
    images = {picture_path(each): png(each) for each in drawings}
    page = comparison_page(found, paper, [picture(each) for each in drawings])
    return {
        "compare.md": render_markdown(page).encode(),
        "compare.html": render_html(f"{found.title}: compared", page, images).encode(),
        "compare.csv": comparison_csv(found).encode(),
        **images,
        **{f"figures/{each.name}.svg": svg(each) for each in drawings},
    }


def write_comparison(found: SideBySide, paper: PaperSpec, output: Path) -> Path:
    """Write all of them into a folder; gives the page to open.

    Raises `HarnessError` where it cannot be written.
    """
    for name, content in comparison_files(found, paper).items():
        write_bytes(output / name, content)
    return output / "compare.html"
