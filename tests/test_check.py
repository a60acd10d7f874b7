import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

REPLICATION = "replications/tiny-truth/tiny"
SHARED = Path(__file__).parents[2] / "shared/data"

ON_NEGATIONS = "train: sp_en_trans, test: neg_sp_en_trans"

MISTAKES_IN_THE_REPLICATION = {
    "an unknown key": (
        ("    folds: 3\n    sweep:", "    foldds: 3\n    sweep:"),
        ["replication.yaml:12", "experiments[0]", "'foldds'", "did you mean 'folds'", "probes, "],
    ),
    "an unknown key at the top": (
        ("untested:", "untestd:"),
        ["replication.yaml:", "'untestd'", "did you mean 'untested'", "deviations, experiments"],
    ),
    "a value that is not among the choices": (
        ("split: statement\n    probes", "split: sentence\n    probes"),
        ["replication.yaml:25", "experiments[1].split", "'statement', 'unit' or 'country'"],
    ),
    "a key that stands twice": (
        ("paper: tiny-truth\n", "paper: tiny-truth\npaper: tiny-truth\n"),
        ["replication.yaml:3", 'duplicate key "paper"'],
    ),
    "an id that leaves the folder": (
        ("id: tiny\n", 'id: "../../evil"\n'),
        ["replication.yaml:1", "id: ", "[a-z0-9]"],
    ),
    "a paper that leaves the folder": (
        ("paper: tiny-truth\n", 'paper: "../x"\n'),
        ["replication.yaml:2", "paper: ", "[a-z0-9]"],
    ),
    "an experiment that leaves the folder": (
        ("id: transfer", 'id: "../../evil"'),
        ["replication.yaml:5", "experiments[0].id", "[a-z0-9]"],
    ),
    "an id that is not its folder's name": (
        ("id: tiny\n", "id: tinny\n"),
        ["replication.yaml", "belong in a folder tiny-truth/tinny, not tiny-truth/tiny"],
    ),
    "an unknown paper": (
        ("paper: tiny-truth\n", "paper: tiny-trut\n"),
        ["replication.yaml", "belong in a folder tiny-trut/tiny"],
    ),
    "an unknown data set": (
        ("test: [sp_en_trans, neg_sp_en_trans]", "test: [sp_en_trans, neg_sp_en_tran]"),
        [REPLICATION, "experiment transfer", "'neg_sp_en_tran'", "did you mean 'neg_sp_en_trans'"],
    ),
    "an impossible size": (
        ("sizes: {sp_en_trans: 48}", "sizes: {sp_en_trans: 47}"),
        [REPLICATION, "experiment by-statement", "sizes.sp_en_trans", "even numbers from 4"],
    ),
    "a size of a set that it does not read": (
        ("sizes: {sp_en_trans: 48}", "sizes: {sp_en_trns: 48}"),
        [REPLICATION, "experiment by-statement", "sizes.sp_en_trns", "did you mean 'sp_en_trans'"],
    ),
    "sizes of original data": (
        ("    layer: 1\n", "    layer: 1\n    data: original\n"),
        [REPLICATION, "experiment by-statement", "sizes", "original sets are used whole"],
    ),
    "a layer beyond the model": (
        ("layer: 1", "layer: 3"),
        [REPLICATION, "experiment by-statement", "layer: 3", "has layers 0 to 2"],
    ),
    "contrast-consistent search without negations": (
        ("[sp_en_trans, sp_en_trans+neg_sp_en_trans]", "[sp_en_trans, sp_en_trans+larger_than]"),
        [REPLICATION, "experiment transfer", "ccs: sp_en_trans+larger_than", "cities+neg_cities"],
    ),
    "a sweep of contrast-consistent search on one set": (
        ("{probe: mass_mean, train: sp_en_trans, test", "{probe: ccs, train: sp_en_trans, test"),
        [REPLICATION, "experiment transfer", "ccs: sp_en_trans is", "sp_en_trans+neg_sp_en_trans"],
    ),
    "an untested claim that the paper does not make": (
        ("nobody-measures:", "nobody-mesures:"),
        [REPLICATION, "untested.nobody-mesures", "did you mean 'nobody-measures'", "exact-number"],
    ),
    "an untested claim that is measured": (
        ("untested:\n", "untested:\n  truth-linear: no time\n"),
        [REPLICATION, "untested.truth-linear", "experiment 'transfer' measures it"],
    ),
    "two experiments for one claim": (
        ("    judged: false\n", ""),
        [REPLICATION, "claim truth-linear", "by-statement, transfer", "split: statement, unit"],
    ),
    "a model that the registry lacks": (
        ('model: "', 'model: smollm2-135m-instrct # "'),
        [REPLICATION, "experiment transfer", "model", "did you mean 'smollm2-135m-instruct'"],
    ),
    "a model that is not where it should be": (
        ('model: "path:', 'model: "path:/nowhere'),
        [REPLICATION, "experiment transfer", "no config.json there", "save_pretrained"],
    ),
}

MISTAKES_IN_THE_PAPER = {
    "an unknown key in an expectation": (
        ("      side: at_most\n", "      side: at_most\n      limt_from: here\n"),
        ["paper.yaml:28", "claims[1].expects.limt_from", "did you mean 'limit_from'", "quantity"],
    ),
    "a limit at chance": (
        ("limit: 0.6", "limit: 0.5"),
        ["paper.yaml", "claims[0].expects", "limit", "met by chance (0.5)", "must lie above"],
    ),
    "a limit under chance": (
        ("limit: 0.6", "limit: 0.3"),
        ["paper.yaml", "claims[0].expects", "limit", "met by chance (0.5)", "must lie above"],
    ),
    "an upper limit over chance": (
        ("limit: 0.4", "limit: 0.55"),
        ["paper.yaml", "claims[1].expects", "limit", "met by chance (0.5)", "must lie below"],
    ),
    "a limit that is not a number": (
        ("limit: 0.4", "limit: .nan"),
        ["paper.yaml:28", "claims[1].expects.limit", "finite"],
    ),
    "a limit in per cent of a fraction": (
        ("limit: 0.6", "limit: 60"),
        ["tiny-truth/paper.yaml:15: claims[0].expects: claim truth-linear: 60 is", "0 to 1"],
    ),
    "a target in per cent of a fraction": (
        ("target: 0.95", "target: 95"),
        ["claims[3].expects: claim exact-number: 95 is outside", "0 to 1", "'fraction'"],
    ),
    "an infinite tolerance": (
        ("tolerance: 0.02", "tolerance: .inf"),
        ["paper.yaml:47", "claims[3].expects.tolerance", "finite"],
    ),
    "an unknown metric": (
        ("metric: auroc", "metric: aurocc"),
        ["paper.yaml", "claims[4].expects.quantity", "did you mean 'auroc'", "accuracy_binary"],
    ),
    "a quantity that no experiment produces": (
        (ON_NEGATIONS, "train: sp_en_trans, test: smaller_than"),
        [REPLICATION, "claim negation-flips", "test=smaller_than: measured are neg_sp_en_trans"],
    ),
    "a metric that nothing measures": (
        ("metric: accuracy_binary, where: {layer: chosen, probe: mass_mean, " + ON_NEGATIONS + "}",
         "metric: pc_plane_angle, where: {layer: chosen}"),
        [REPLICATION, "claim negation-flips", "nothing here measures pc_plane_angle"],
    ),
    "a quantity that two rows match": (
        (ON_NEGATIONS, "test: neg_sp_en_trans"),
        [REPLICATION, "claim negation-flips", "2 rows of transfer", "train: sp_en_trans, sp_en"],
    ),
    "a quantity measured at every layer that names none": (
        ("layer: chosen, probe: mass_mean, train: sp_en_trans, test: sp_en_trans",
         "probe: mass_mean, train: sp_en_trans, test: sp_en_trans"),
        [REPLICATION, "claim truth-linear", "2 rows of transfer", "layer: 0, chosen"],
    ),
    "a control that nothing measures": (
        ("controls: [shuffled_labels]", "controls: [shuffled_lables]"),
        [REPLICATION, "claim truth-linear", "no experiment produces its control shuffled_lables"],
    ),
}  # fmt: skip


def refused(project: Any, cli: Callable[..., Any], *fragments: str) -> Any:
    """Check ends with 2, says all of `fragments` and leaves every file as it is."""
    before = project.state()
    ended = cli("check", REPLICATION)
    assert ended.code == 2
    for fragment in fragments:
        assert fragment in ended.err
    assert project.state() == before
    assert "Traceback" not in ended.err
    return ended


def test_the_replication_that_the_others_spoil_is_ready(project: Any, cli: Any) -> None:
    before = project.state()
    assert cli("check", REPLICATION).out == f"{REPLICATION}: ready; 5 claims\n"
    assert project.state() == before


@pytest.mark.parametrize("mistake", MISTAKES_IN_THE_REPLICATION)
def test_a_mistake_in_the_replication_is_named(project: Any, cli: Any, mistake: str) -> None:
    edit, fragments = MISTAKES_IN_THE_REPLICATION[mistake]
    if "contrast-consistent" in mistake:
        project.edit("probes: [mass_mean, lda", "probes: [ccs, mass_mean, lda")
    project.edit(*edit)
    refused(project, cli, *fragments)


@pytest.mark.parametrize("mistake", MISTAKES_IN_THE_PAPER)
def test_a_mistake_in_the_paper_is_named(project: Any, cli: Any, mistake: str) -> None:
    edit, fragments = MISTAKES_IN_THE_PAPER[mistake]
    project.edit(*edit, paper=True)
    refused(project, cli, *fragments)


@pytest.mark.parametrize("text", ["- a\n- b\n", "hello\n", "", "a: [\n", "a:\n\t- b\n", "1: 2\n"])
def test_what_is_no_mapping_of_names_is_refused(project: Any, cli: Any, text: str) -> None:
    project.spec_file.write_text(text)
    refused(project, cli, "replication.yaml")


def test_a_file_that_is_no_text_is_refused(project: Any, cli: Any) -> None:
    project.spec_file.write_bytes(b"\xff\xfe\x00id: tiny")
    refused(project, cli, "replication.yaml", "cannot be read")


def test_a_missing_replication_names_those_that_there_are(project: Any, cli: Any) -> None:
    ended = cli("check", "replications/tiny-truth/tinny")
    assert ended.code == 2
    assert "did you mean 'tiny'" in ended.err
    assert project.folder.exists()


def test_a_missing_paper_names_those_that_there_are(project: Any, cli: Any) -> None:
    project.paper_file.parent.rename(project.root / "papers/tiny-truths")
    refused(project, cli, "papers/tiny-truth/paper.yaml", "did you mean 'tiny-truths'")


def test_a_link_out_of_the_folder_is_refused(project: Any, cli: Any, tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    (project.folder / "figures").symlink_to(tmp_path / "precious", target_is_directory=True)
    refused(project, cli, "tiny/figures", "symbolic link")


def test_a_table_in_per_cent_of_a_fraction_is_refused(project: Any, cli: Any) -> None:
    table = """\
tables:
  - id: first
    title: Accuracies
    source: {section: Table 1, status: read, quote: "95"}
    metric: accuracy_binary
    rows: {truth: {test: sp_en_trans}}
    columns: {probe: {probe: mass_mean}}
    values: {truth: [95]}
"""
    project.paper_file.write_text(project.paper_file.read_text() + table)
    refused(project, cli, "tables[0].values.truth: table first: truth / probe: 95 is outside")


def test_a_model_below_the_home_folder_is_named_from_there(
    project: Any, cli: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(project.model.parent))
    refused(project, cli, "experiment transfer: model: path:", "write path:~/")
    project.edit(f"path:{project.model}", f"path:~/{project.model.name}")
    assert cli("check", REPLICATION).code == 0


def test_a_hub_model_that_is_not_here_says_what_to_do(
    project: Any, cli: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    project.edit(f"path:{project.model}", "hf:nobody/nothing")
    refused(project, cli, "experiment transfer", "hf:nobody/nothing", "HF_HUB_OFFLINE", "unset it")


def test_a_model_with_pickled_weights_only_says_what_to_do(
    project: Any, cli: Any, tmp_path: Path
) -> None:
    (tmp_path / "pickled").mkdir()
    (tmp_path / "pickled/config.json").write_text('{"num_hidden_layers": 3}')
    (tmp_path / "pickled/pytorch_model.bin").write_bytes(b"\x80\x04.")
    project.edit(f"path:{project.model}", f"path:{tmp_path / 'pickled'}")
    refused(project, cli, "experiment transfer", "pickled weights", "safe_serialization=True")


def test_an_undeclared_deviation_is_answered_with_the_yaml_to_paste(project: Any, cli: Any) -> None:
    text = project.spec_file.read_text()
    start, end = text.index("deviations:"), text.index("untested:")
    project.spec_file.write_text(text[:start] + "deviations:\n" + text[end:])
    text = project.spec_file.read_text()
    project.spec_file.write_text(text.replace("deviations:\n", ""))
    said = refused(project, cli, "undeclared deviations", "split: unit", "sp_en_trans: 48").err
    lines = [line for line in said.splitlines() if line.startswith("  - {what: ")]
    assert len(lines) == 4
    pasted = project.spec_file.read_text() + "\n".join(["deviations:", *lines])
    project.spec_file.write_text(pasted)
    refused(project, cli, "deviations[3].why: still to write")
    project.spec_file.write_text(pasted.replace('"..."', "it is small"))
    assert cli("check", REPLICATION).code == 0


def test_a_deviation_that_only_contains_ours_as_part_of_a_word_is_not_declared(
    project: Any, cli: Any
) -> None:
    project.edit("sizes: {sp_en_trans: 48, neg_sp_en_trans: 48}", "sizes: {sp_en_trans: 4}")
    project.edit("sizes: {sp_en_trans: 48}", "sizes: {sp_en_trans: 4}")
    refused(project, cli, "undeclared deviations", '"sp_en_trans: 4"')


@pytest.mark.parametrize("mistake", ["tampered", "absent folder"])
def test_original_data_that_is_not_the_published_file_is_refused(
    project: Any, cli: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, mistake: str
) -> None:
    folder = tmp_path / "originals"
    if mistake == "tampered":
        folder.mkdir()
        text = "statement,label,city,country,correct_country\nThe city of A is in B.,1,A,B,B\n"
        (folder / "sp_en_trans.csv").write_text(text)
    monkeypatch.setenv("HARNESS_DATA", str(folder))
    project.edit("    sizes: {sp_en_trans: 48}\n    layer: 1", "    data: original\n    layer: 1")
    said = refused(project, cli, "experiment by-statement", str(folder)).err
    assert ("sha256 is" in said) == (mistake == "tampered")


@pytest.mark.skipif(not SHARED.exists(), reason="the authors' files are not beside the checkout")
def test_original_data_passes_until_one_byte_of_it_is_changed(
    project: Any, cli: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copytree(SHARED, tmp_path / "originals")
    monkeypatch.setenv("HARNESS_DATA", str(tmp_path / "originals"))
    project.edit("    sizes: {sp_en_trans: 48}\n    layer: 1", "    data: original\n    layer: 1")
    assert cli("check", REPLICATION).code == 0
    file = tmp_path / "originals/sp_en_trans.csv"
    file.chmod(0o644)
    file.write_bytes(file.read_bytes().replace(b"means", b"meens", 1))
    refused(project, cli, "sp_en_trans.csv", "sha256 is", "fetch it again")


def test_all_problems_come_at_once_and_as_one_json_document(project: Any, cli: Any) -> None:
    project.edit("layer: 1", "layer: 7")
    project.edit("sizes: {sp_en_trans: 48}", "sizes: {sp_en_trans: 47}")
    ended = cli("check", REPLICATION, "--json")
    assert ended.code == 2
    problems = json.loads(ended.out)["error"]
    assert [("layer: 7" in each, "sizes.sp_en_trans: 47" in each) for each in problems] == [
        (0, 1),
        (1, 0),
    ]
    assert all(each.startswith(f"{REPLICATION}/replication.yaml:") for each in problems)


def line_of(file: Path, words: str) -> int:
    """From 1; the words stand on one line of the file."""
    (found,) = [at for at, line in enumerate(file.read_text().splitlines(), 1) if words in line]
    return found


def problems_of(cli: Callable[..., Any]) -> list[dict[str, Any]]:
    ended = cli("check", REPLICATION, "--json")
    assert ended.code == 2
    return json.loads(ended.out)["problems"]


def test_a_problem_of_an_experiment_names_line_and_key_for_a_program(
    project: Any, cli: Any
) -> None:
    project.edit("layer: 1", "layer: 7")
    (problem,) = problems_of(cli)
    assert problem["file"] == f"{REPLICATION}/replication.yaml"
    assert problem["line"] == line_of(project.spec_file, "layer: 7")
    assert problem["key"] == "experiments[1].layer"
    assert problem["message"].startswith("experiment by-statement: layer: 7: ")
    assert problem["valid"] is None
    assert problem["did_you_mean"] is None


def test_a_misspelt_claim_gives_a_program_the_guess_and_all_choices(project: Any, cli: Any) -> None:
    project.edit("nobody-measures:", "nobody-mesures:")
    problem = next(each for each in problems_of(cli) if each["key"] == "untested.nobody-mesures")
    assert problem["line"] == line_of(project.spec_file, "nobody-mesures:")
    assert problem["did_you_mean"] == "nobody-measures"
    assert problem["valid"] == [
        *("truth-linear", "negation-flips", "both-repairs", "exact-number", "nobody-measures")
    ]


def test_undeclared_deviations_are_one_problem_with_the_lines_to_paste(
    project: Any, cli: Any
) -> None:
    line = line_of(project.spec_file, "deviations:")
    project.edit('here: "split: unit"', 'here: "another"')
    (problem,) = problems_of(cli)
    assert (problem["key"], problem["line"]) == ("deviations", line)
    pasted = problem["message"].splitlines()[1:]
    assert len(pasted) == 1
    assert pasted[0].startswith("  - {what: hyperparameter, ")
    assert "split: unit" in pasted[0]


def test_a_claim_that_nothing_measures_points_at_the_experiments(project: Any, cli: Any) -> None:
    project.edit(ON_NEGATIONS, "train: sp_en_trans, test: smaller_than", paper=True)
    problems = problems_of(cli)
    assert {each["key"] for each in problems} == {"experiments"}
    assert {each["line"] for each in problems} == {line_of(project.spec_file, "experiments:")}
    assert problems[0]["message"].startswith("claim negation-flips: no experiment produces")


def test_a_key_that_is_wrong_at_load_is_told_apart_too(project: Any, cli: Any) -> None:
    project.edit("split: statement\n    probes", "split: sentence\n    probes")
    (problem,) = problems_of(cli)
    assert problem["file"].endswith("replication.yaml")
    assert problem["key"] == "experiments[1].split"
    assert problem["valid"] == ["statement", "unit", "country"]
