import re
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

import harness
from harness.api import outcomes
from harness.record import HarnessError


@pytest.fixture(scope="module")
def result(_ran_once: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A finished project, replicated once more through the Python API: judged and reported."""
    root = tmp_path_factory.mktemp("api") / "project"
    shutil.copytree(_ran_once.root, root)
    (root / "replications/tiny-truth/tiny/verdicts.json").unlink()
    folder = (root / "replications/tiny-truth/tiny").rename(
        root / "replications/tiny-truth/tiny-llama"
    )
    text = (folder / "replication.yaml").read_text()
    (folder / "replication.yaml").write_text(text.replace("id: tiny\n", "id: tiny-llama\n"))
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HARNESS_CACHE", str(root / "cache"))
        return harness.replicate(
            "tiny-truth", model=f"path:{_ran_once.model}", device="cpu", project=root
        )


def test_a_replication_gives_verdicts_measurements_figures_and_a_report(result: Any) -> None:
    assert [verdict.claim for verdict in result.verdicts][:2] == ["truth-linear", "negation-flips"]
    assert len(result.figures) > 0
    for name, path in result.figures.items():
        assert path.read_bytes().startswith(b"\x89PNG")
        assert path.stem == name
    assert "<html" in result.report.read_text()
    for name in ("report.md", "verdicts.json", "explorer.json", "replication.ipynb"):
        assert (result.replication.root / name).stat().st_size > 0


def test_measurements_are_a_tidy_table_with_a_column_a_condition(result: Any) -> None:
    table = result.measurements
    rows = result.replication.measurements()
    assert len(table) == len(rows)
    assert {"experiment", "metric", "value", "n", "seed", "control", "layer", "probe"} <= set(table)
    assert not {"conditions", "items"} & set(table)
    chosen = table[
        (table.metric == "accuracy_binary")
        & (table.layer == "chosen")
        & (table.train == "sp_en_trans")
        & (table.test == "neg_sp_en_trans")
        & (table.probe == "mass_mean")
        & (table.experiment == "transfer")
        & table.control.isna()
    ]
    assert sorted(chosen.seed) == [0, 1]
    assert chosen.value.mean() == pytest.approx(result.verdicts[1].estimates[0].estimate.mean)


def test_a_result_shows_itself_in_a_terminal_and_in_a_notebook(result: Any) -> None:
    from io import StringIO

    from rich.console import Console

    text = StringIO()
    Console(file=text, width=200).print(result)
    for shown in (text.getvalue(), result._repr_html_(), result.verdicts._repr_html_()):
        for verdict in result.verdicts:
            assert verdict.claim in shown
            assert verdict.outcome in shown
    assert "Truth in a tiny model" in result._repr_html_()


def test_what_a_spec_says_cannot_become_markup(result: Any) -> None:
    from harness.api import Verdicts

    hostile = result.verdicts[0].model_copy(update={"reason": "<script>alert(1)</script>"})
    assert "<script>" not in Verdicts([hostile])._repr_html_()


def test_outcomes_are_counted(result: Any) -> None:
    counted = outcomes(result.verdicts)
    assert sum(counted.values()) == 5
    assert counted["not_applicable"] == 1


def test_a_folder_is_opened_for_reading_only(finished: Any) -> None:
    before = finished.state()
    opened = harness.open_replication(finished.folder)
    assert len(opened.verdicts) == 5
    assert len(opened.measurements) > 0
    assert finished.state() == before


def test_output_runs_a_fresh_copy_and_leaves_the_project_as_it_is(
    project: Any, cli: Any, tmp_path: Path
) -> None:
    model = f"path:{project.model}"
    assert cli("new", "tiny-truth", "--model", model).code == 0
    before = project.state()
    made = harness.replicate("tiny-truth", model=model, device="cpu", output=tmp_path / "out")
    assert project.state() == before
    assert made.replication.root.is_relative_to(tmp_path / "out")
    assert len(made.replication.measurements()) > 0


def test_a_mistake_is_raised_before_anything_runs(project: Any) -> None:
    before = project.state()
    with pytest.raises(HarnessError, match="no paper 'tiny-trth'"):
        harness.replicate("tiny-trth")
    with pytest.raises(HarnessError, match="unknown"):
        harness.replicate("tiny-truth", model="smollm")
    assert project.state() == before


def test_an_unknown_name_of_the_package_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'replicat'"):
        _ = harness.replicat


def test_the_notebook_runs_the_replication_again(
    result: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = result.replication.root
    monkeypatch.setenv("HARNESS_CACHE", str(result.replication.project / "cache"))
    notebook = nbformat.read(root / "replication.ipynb", as_version=4)
    # A random model's folder has no name that others could find it by: it is named here.
    (call,) = [cell for cell in notebook.cells if "harness.replicate(" in cell.source]
    model = result.replication.spec.experiments[0].model
    call.source = re.sub(r"model=[^,]+", f"model={model!r}", call.source)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(root)}}).execute()
    shown = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert [output for output in shown if output.output_type == "error"] == []
    assert any("truth-linear" in str(output) for output in shown)
    again = harness.open_replication(root / "runs" / result.replication.name)
    assert [v.outcome for v in again.verdicts] == [v.outcome for v in result.verdicts]
    shutil.rmtree(root / "runs")
