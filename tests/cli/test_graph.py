import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from harness.graphs.attribution_graph import read_graph, write_graph
from tests.graphs.planted_graph import faulty, sound_graph


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a sound graph and one with a link to nowhere."""
    monkeypatch.chdir(tmp_path)
    write_graph(sound_graph(), tmp_path / "lyon.json")
    (tmp_path / "faulty.json").write_text(
        faulty(lambda d: d["links"][0].update(target="[bold]gone"))
    )
    return tmp_path


def test_a_sound_file_is_told_so_with_exit_code_0(cli: Any) -> None:
    ended = cli("graph", "validate", "lyon.json")
    assert (ended.code, ended.out) == (0, "no findings\n")


def test_a_fault_is_shown_with_its_place_and_ends_with_1(cli: Any) -> None:
    ended = cli("graph", "validate", "faulty.json")
    assert ended.code == 1
    assert "T4" in ended.out
    assert "1 error, 0 warnings" in ended.out
    # What stands in a file is no markup of the terminal.
    assert "[bold]gone" in ended.out.replace("\n", "")
    found = json.loads(cli("graph", "validate", "faulty.json", "--json").out)
    assert (found["errors"], found["findings"][0]["where"]) == (1, "links[0].target")


def test_warnings_alone_end_with_0(cli: Any, here: Path) -> None:
    twice = faulty(lambda d: d["links"].append(d["links"][0]))
    (here / "twice.json").write_text(twice)
    ended = cli("graph", "validate", "twice.json", "--json")
    assert ended.code == 0
    assert json.loads(ended.out)["warnings"] == 1


@pytest.mark.parametrize("command", ["validate", "view", "show", "motifs", "supernodes"])
def test_a_file_that_is_not_there_or_no_graph_ends_with_2(
    cli: Any, here: Path, command: str
) -> None:
    assert cli("graph", command, "nowhere.json").code == 2
    if command != "validate":
        (here / "list.json").write_text("[]")
        assert cli("graph", command, "list.json").code == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["show", "lyon.json"], "5 features, 5 embeddings, 2 logits, 1 MLP error"),
        (["diff", "lyon.json", "lyon.json"], "13 shared, 0 only left, 0 only right"),
        (["motifs", "lyon.json", "--draws", "5"], "one degree of freedom"),
        (["supernodes", "lyon.json", "--across"], "within"),
        (["show", "faulty.json"], "1 link to ids that are no node"),
    ],
)
def test_a_person_gets_tables(cli: Any, arguments: list[str], told: str) -> None:
    ended = cli("graph", *arguments)
    assert ended.code == 0, ended.err
    assert told in ended.out
    assert "┃" in ended.out


@pytest.mark.parametrize(
    ("arguments", "key"),
    [
        (["show", "lyon.json"], "top_nodes"),
        (["diff", "lyon.json", "lyon.json"], "feature_jaccard"),
        (["motifs", "lyon.json", "--draws", "5", "--seed", "2"], "mixed"),
        (["supernodes", "lyon.json"], "supernodes"),
        (["view", "lyon.json"], "page"),
    ],
)
def test_a_program_gets_one_json_document(cli: Any, arguments: list[str], key: str) -> None:
    ended = cli("graph", *arguments, "--json")
    assert ended.code == 0, ended.err
    assert key in json.loads(ended.out)


def test_a_page_is_written_with_the_graph_and_its_features_in_it(cli: Any, here: Path) -> None:
    (here / "features/1").mkdir(parents=True)
    (here / "features/1/40.json").write_text('{"index": 40, "top_logits": ["Lyonnais"]}')
    ended = cli("graph", "view", "lyon.json", "--features", "features", "--output", "page.html")
    assert (ended.code, ended.out) == (0, "page: page.html\n")
    page = (here / "page.html").read_text()
    assert "The city of Lyon is" in page
    assert "Lyonnais" in page
    assert cli("graph", "view", "lyon.json").out == "page: runs/graph-lyon.html\n"
    assert "Lyonnais" not in (here / "runs/graph-lyon.html").read_text()


def test_suggested_supernodes_are_written_into_a_graph(cli: Any, here: Path) -> None:
    ended = cli("graph", "supernodes", "lyon.json", "--across", "--output", "grouped.json")
    assert ended.code == 0, ended.err
    assert read_graph(here / "grouped.json").qParams.supernodes
    assert not sound_graph().qParams.supernodes


def test_a_renamed_error_is_told_on_standard_error(cli: Any, here: Path) -> None:
    def collide(document: dict[str, Any]) -> None:
        for each in document["nodes"]:
            if each["node_id"] == "0_error_3":
                each["node_id"] = "0_2_3"
        for link in document["links"]:
            if link["source"] == "0_error_3":
                link["source"] = "0_2_3"

    (here / "collides.json").write_text(faulty(collide))
    ended = cli("graph", "show", "collides.json", "--json")
    assert ended.code == 0
    assert "1 error node bore the id of a feature" in ended.err
    assert json.loads(ended.out)["nodes"] == 13


def test_asking_for_help_imports_no_torch() -> None:
    script = (
        "import sys; sys.argv = ['harness', 'graph', '--help']\n"
        "from harness.cli import main\n"
        "try:\n    main()\nexcept SystemExit: pass\n"
        "assert 'torch' not in sys.modules and 'numpy' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
