"""Write a report's files beside the measurements that they show."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from harness.explorer.entry import explorer_entry
from harness.record import write_bytes
from harness.replication import Replication
from harness.report.comparison import Comparison, comparisons
from harness.report.current import remember
from harness.report.figures.all import draw_figures
from harness.report.figures.style import Drawing, png, svg
from harness.report.html import render_html
from harness.report.markdown import render_markdown
from harness.report.material import Material
from harness.report.notebook import notebook
from harness.report.page import report_page
from harness.report.reproduce import NAME as REPRODUCE
from harness.report.reproduce import reproduce_script
from harness.report.sections.figures import picture_path
from harness.report.sections.outcome import outcome_sentence
from harness.report.tables import csv_files

_OWNED = {"figures": (".png", ".svg"), "tables": (".csv",)}
"""Folders whose files of these kinds belong to the report: one that it no longer has is removed."""


def write_files(replication: Replication, digest: str) -> None:
    """Write every file of the report, remove stale ones, and note the `digest` of the inputs."""
    root, material = replication.root, Material.of(replication)
    files = report_files(material)
    files["explorer.json"] = explorer_file(material, {**files, **_data(root)})
    for name, content in files.items():
        write_bytes(root / name, content)
    _remove_stale(root, files)
    remember(root, digest, files)


def explorer_file(material: Material, files: Mapping[str, bytes]) -> bytes:
    """Content of `explorer.json`, which names every one of `files` by its hash."""
    entry = explorer_entry(
        material.paper,
        material.spec,
        material.verdicts,
        summary=outcome_sentence(material),
        manifest=material.manifest,
        files={name: sha256(content).hexdigest() for name, content in files.items()},
    )
    return (entry.model_dump_json(indent=2, exclude_none=True) + "\n").encode()


def _data(root: Path) -> dict[str, bytes]:
    """The measurements as they stand."""
    rows = sorted((root / "measurements").glob("*.jsonl"))
    return {f"measurements/{path.name}": path.read_bytes() for path in rows}


def report_files(material: Material) -> dict[str, bytes]:
    """Content of every file by its path in the folder, the explorer entry left out."""
    compared = comparisons(material)
    drawings = draw_figures(material, compared)
    images = {picture_path(each): png(each) for each in drawings}
    return {
        **_pages(material, compared, drawings, images),
        **images,
        **{f"figures/{each.name}.svg": svg(each) for each in drawings},
    }


def _pages(
    material: Material,
    compared: Sequence[Comparison],
    drawings: Sequence[Drawing],
    images: Mapping[str, bytes],
) -> dict[str, bytes]:
    page = report_page(material, compared, drawings)
    texts = {
        "report.md": render_markdown(page),
        "report.html": render_html(material.paper.title, page, images),
        "replication.ipynb": notebook(material),
        REPRODUCE: reproduce_script(material),
        **{f"tables/{name}": text for name, text in csv_files(material, compared).items()},
    }
    return {name: text.encode() for name, text in texts.items()}


def _remove_stale(root: Path, files: Mapping[str, bytes]) -> None:
    for folder, kinds in _OWNED.items():
        for path in sorted((root / folder).glob("*")):
            if path.suffix in kinds and f"{folder}/{path.name}" not in files:
                path.unlink()
