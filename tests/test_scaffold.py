import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from harness.record import HarnessError
from harness.replication import Replication
from harness.scaffold import replication_id, scaffold

SHARED = Path(__file__).parents[2] / "shared/data"


@pytest.mark.parametrize(
    ("model", "data", "name"),
    [
        ("smollm2-135m-instruct", "generated", "smollm2-135m-instruct"),
        ("hf:Qwen/Qwen2.5-1.5B-Instruct", "generated", "qwen-qwen2.5-1.5b-instruct"),
        ("hf:a/b@main", "original", "a-b-main-original"),
        ("path:/home/somebody/models/My Llama", "generated", "my-llama"),
        ("path:models/llama/", "generated", "llama"),
        ("path:llama", "generated", "llama"),
    ],
)
def test_a_replication_is_named_for_model_and_data_and_not_for_the_machine(
    model: str, data: str, name: str
) -> None:
    assert replication_id(model, data) == name


@pytest.mark.parametrize("model", ["smollm2-135m-instruct", "gpt2", "hf:a/b@v1", "path:TINY"])
def test_a_scaffold_declares_what_deviates_so_that_only_the_model_can_be_wrong(
    project: Any, cli: Any, monkeypatch: pytest.MonkeyPatch, model: str
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HUB_CACHE", str(project.root / "hub"))
    model = model.replace("TINY", str(project.model))
    made = cli("new", "tiny-truth", "--model", model)
    assert made.code == 0
    ended = cli("check", made.out.strip())
    problems = ended.err.replace("error: ", "").splitlines()
    assert all("is not in the local cache" in problem for problem in problems)
    assert (problems == []) == (model.startswith("path:") or model == "smollm2-135m-instruct")
    spec = Replication.open(project.root / made.out.strip()).spec
    assert {experiment.model for experiment in spec.experiments} == {model}
    assert all(each.why and each.why != "..." for each in spec.deviations)


def test_the_scaffold_of_the_real_paper_is_ready(
    project: Any, cli: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout = Path(__file__).parents[1]
    for part in ("papers", "replications"):
        shutil.copytree(
            checkout / part / "geometry-of-truth", project.root / part / "geometry-of-truth"
        )
    monkeypatch.chdir(project.root)
    made = cli("new", "geometry-of-truth", "--model", f"path:{project.model}", "--json")
    folder = json.loads(made.out)["replication"]
    assert folder == "replications/geometry-of-truth/tiny-llama"
    assert cli("check", folder).err == ""
    layers = {each.layer for each in Replication.open(project.root / folder).spec.experiments}
    assert layers == {"validation"}


def test_a_model_below_the_home_folder_is_written_without_the_folders_name(
    project: Any, cli: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(project.model.parent))
    made = cli("new", "tiny-truth", "--model", f"path:{project.model}")
    text = (project.root / made.out.strip() / "replication.yaml").read_text()
    assert "model: path:~/tiny-llama" in text
    assert str(project.model.parent) not in text
    assert cli("new", "tiny-truth", "--model", "path:~/tiny-llama").out == made.out


def test_one_model_under_two_names_is_one_replication(project: Any, cli: Any) -> None:
    names = ("gpt2", "hf:openai-community/gpt2")
    made = {cli("new", "tiny-truth", "--model", name).out for name in names}
    assert made == {"replications/tiny-truth/gpt2\n"}
    assert project.spec_file.exists()


def test_a_spec_that_exists_is_left_alone(project: Any, cli: Any) -> None:
    first = cli("new", "tiny-truth", "--model", f"path:{project.model}")
    before = project.state()
    again = cli("new", "tiny-truth", "--model", f"path:{project.model}")
    assert (again.code, again.out) == (0, first.out)
    assert project.state() == before


def test_a_folder_that_is_about_another_model_is_not_taken_for_this_one(
    project: Any, tmp_path: Path
) -> None:
    scaffold(project.root, "tiny-truth", model=f"path:{project.model}")
    before = project.state()
    with pytest.raises(HarnessError, match=r"is about path:.*/tiny-llama, not path:"):
        scaffold(project.root, "tiny-truth", model=f"path:{tmp_path}/elsewhere/tiny-llama")
    assert project.state() == before


def test_an_unknown_paper_or_model_writes_nothing(project: Any, cli: Any) -> None:
    before = project.state()
    for arguments in (["tiny-trth"], ["../x"], ["tiny-truth", "--model", "smollm"]):
        ended = cli("new", *arguments)
        assert ended.code == 2
        assert "valid: " in ended.err
    assert project.state() == before


def test_a_paper_without_a_replication_says_what_to_write(project: Any, cli: Any) -> None:
    project.spec_file.unlink()
    ended = cli("new", "tiny-truth")
    assert ended.code == 2
    assert "replications/tiny-truth/<id>/replication.yaml by hand" in ended.err


@pytest.mark.skipif(not SHARED.exists(), reason="the authors' files are not beside the checkout")
def test_a_replication_on_the_authors_files_runs(
    project: Any, cli: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARNESS_DATA", str(SHARED))
    arguments = ["--model", f"path:{project.model}", "--data", "original"]
    made = cli("new", "tiny-truth", *arguments)
    assert made.out == "replications/tiny-truth/tiny-llama-original\n"
    opened = Replication.open(project.root / made.out.strip())
    assert {each.data for each in opened.spec.experiments} == {"original"}
    assert "dataset" in {each.what for each in opened.spec.deviations}
    assert cli("run", made.out.strip(), "--device", "cpu").code == 0
    ran = opened.manifest().experiments["transfer"]
    assert {name: used.statements for name, used in ran.data.items()} == {
        "sp_en_trans": 354,
        "neg_sp_en_trans": 354,
    }
    assert {used.source for used in ran.data.values()} == {"original"}
