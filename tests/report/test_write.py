"""Files on disk: complete, the same every time, and nothing stale beside them."""

import csv
import io
import json
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest

from harness.measurement import Measurement
from harness.replication import Replication
from harness.report import write_report
from harness.report.material import Material, read_clouds
from harness.report.write import report_files


@pytest.fixture(scope="module")
def files(material: Material) -> dict[str, bytes]:
    return report_files(material)


@pytest.fixture
def folder(material: Material, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A replication on disk with the accuracies of one experiment."""
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    paper = tmp_path / "papers" / material.paper.id / "paper.yaml"
    material.paper.dump(paper)
    root = tmp_path / "replications" / material.paper.id / material.spec.id
    material.spec.dump(root / "replication.yaml")
    replication = Replication(root, material.spec, material.paper)
    spec = material.spec.experiments[1]
    rows = [row for row in material.measurements if row.experiment == spec.id]
    path = replication.measurements_file(spec)
    path.parent.mkdir()
    path.write_text("".join(row.model_dump_json() + "\n" for row in rows))
    return root


def opened(root: Path) -> Replication:
    paper_and_spec = Replication.open(root)
    assert isinstance(paper_and_spec, Replication)
    return paper_and_spec


def test_two_renderings_are_byte_identical(material: Material, files: dict[str, bytes]):
    again = report_files(
        Material(
            paper=material.paper,
            spec=material.spec,
            measurements=list(material.measurements),
            verdicts=list(material.verdicts),
            manifest=material.manifest,
            failures=material.failures,
            clouds=material.clouds,
        )
    )
    assert again.keys() == files.keys()
    assert [name for name in files if files[name] != again[name]] == []


def test_every_picture_and_link_of_the_page_leads_to_a_file(files: dict[str, bytes]):
    text = files["report.md"].decode()
    targets = set(re.findall(r"\]\(((?:figures|tables)/[^)]+|replication\.ipynb)\)", text))
    assert len(targets) > 7
    assert targets <= files.keys()


def test_anchors_that_are_linked_exist(files: dict[str, bytes]):
    text = files["report.md"].decode()
    linked = set(re.findall(r"\]\(#([^)]+)\)", text))
    assert linked
    assert linked <= set(re.findall(r'<a id="([^"]+)">', text))


def test_html_holds_every_image_inline(files: dict[str, bytes]):
    html = files["report.html"].decode()
    assert html.count('src="data:image/png;base64,') == 6
    assert html.count("<img") == 6


def test_csv_of_a_claimed_table_leaves_unmeasured_cells_empty(files: dict[str, bytes]):
    rows = list(csv.DictReader(io.StringIO(files["tables/transfer.csv"].decode())))
    assert len(rows) == 35
    missing = [row for row in rows if row["agreement"] == "not_measured"]
    assert len(missing) == 5
    assert {row["mean"] for row in missing} == {""}


def test_csv_of_verdicts_has_a_row_for_every_claim(material: Material, files: dict[str, bytes]):
    rows = list(csv.DictReader(io.StringIO(files["tables/verdicts.csv"].decode())))
    assert {row["claim"] for row in rows} == {verdict.claim for verdict in material.verdicts}
    assert {row["source_status"] for row in rows if row["claim"] == "sign-flip"} == {"secondary"}


def test_notebook_is_valid_and_names_no_machine_path(files: dict[str, bytes]):
    text = files["replication.ipynb"].decode()
    page = nbformat.reads(text, as_version=4)
    nbformat.validate(page)
    code = [cell.source for cell in page.cells if cell.cell_type == "code"]
    assert 'model="smollm2-135m-instruct", output="runs")' in code[1]
    for source in code:
        compile(source, "cell", "exec")
    assert not re.search(r"/(home|root|tmp|work)/", text)


def test_report_is_written_with_its_explorer_entry(folder: Path):
    path = write_report(opened(folder))
    assert path == folder / "report.md"
    entry = json.loads((folder / "explorer.json").read_text())
    assert "report.html" in entry["x_harness"]["files"]
    assert any(name.startswith("measurements/") for name in entry["x_harness"]["files"])
    assert not list(folder.rglob("*.partial"))


def test_figure_that_is_no_longer_drawn_is_removed(folder: Path):
    stale, kept = folder / "figures" / "old.png", folder / "figures" / "notes.txt"
    stale.parent.mkdir()
    stale.write_bytes(b"x")
    kept.write_text("mine")
    write_report(opened(folder))
    assert not stale.exists()
    assert kept.exists()


def test_unchanged_report_is_not_drawn_again_but_an_edited_one_is(folder: Path):
    write_report(opened(folder))
    report = folder / "report.md"
    before, text = report.stat().st_mtime_ns, report.read_text()
    write_report(opened(folder))
    assert report.stat().st_mtime_ns == before
    report.write_text("all claims replicated")
    write_report(opened(folder))
    assert report.read_text() == text


def test_changed_measurements_change_the_report(folder: Path):
    write_report(opened(folder))
    estimates = folder / "tables" / "estimates.csv"
    before = estimates.read_text()
    replication = opened(folder)
    path = replication.measurements_file(replication.spec.experiments[1])
    rows = Measurement.parse_lines(path)
    kept = [row for row in rows if row.metric != "chosen_layer"]
    path.write_text("".join(row.model_dump_json() + "\n" for row in kept))
    write_report(replication)
    assert estimates.read_text() != before


def test_clouds_are_read_without_pickle(tmp_path: Path):
    arrays = {
        "cities.3.xy": np.zeros((4, 2), np.float32),
        "cities.3.label": np.ones(4, bool),
        "cities.3.explained": np.array([0.5, 0.1], np.float32),
    }
    np.savez(tmp_path / "a.npz", **arrays)
    cloud = next(iter(read_clouds("e", tmp_path / "a.npz")))
    assert (cloud.set, cloud.layer, cloud.xy.shape) == ("cities", 3, (4, 2))
    np.savez(tmp_path / "b.npz", **{**arrays, "cities.3.xy": np.array([{}], object)})
    with pytest.raises(ValueError, match="allow_pickle"):
        list(read_clouds("e", tmp_path / "b.npz"))
