import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from harness.record import HarnessError
from harness.replication import Replication
from harness.scaffold import replication_id, scaffold
from harness.scaffold.commented import flow
from harness.scaffold.starts import families
from harness.specs import Experiment, ReplicationSpec

KINDS = ("bound", "value", "ordering", "trend", "equivalence", "table")
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


def test_a_paper_without_a_replication_says_how_to_start_one(project: Any, cli: Any) -> None:
    project.spec_file.unlink()
    ended = cli("new", "tiny-truth")
    assert ended.code == 2
    assert "no replication to start from; give --family, one of probing, attention" in ended.err


def test_a_moved_replication_lists_general_claims_that_nothing_measures_any_more(
    project: Any, cli: Any
) -> None:
    project.edit("  nobody-measures: numbers are not part of this replication\n", "")
    project.edit("untested:\n", "")
    made = cli("new", "tiny-truth", "--model", f"path:{project.model}")
    text = (project.root / made.out.strip() / "replication.yaml").read_text()
    ended = cli("check", made.out.strip())
    assert ended.code == 2
    assert "untested.nobody-measures: still to write: why no experiment" in ended.err
    assert "exact-number" not in text


@pytest.mark.parametrize("family", list(families()))
def test_a_new_paper_of_any_family_is_explained_and_is_refused_until_it_is_written(
    project: Any, cli: Any, family: str
) -> None:
    made = json.loads(cli("new", "a-new-one", "--family", family, "--json").out)
    assert made["paper"] == "papers/a-new-one/paper.yaml"
    for command in (["check", made["replication"]], ["papers"]):
        refused = cli(*command)
        assert refused.code == 2
        assert "paper.yaml:4: title: still to write: word for word" in refused.err or (
            family == "imported" and "repository: still to write" in refused.err
        )
    text = (project.root / made["paper"]).read_text()
    assert all(f"#     kind: {kind}" in text.replace("  #", "#") for kind in KINDS)
    long = [line for line in text.splitlines() if len(line) > 100 and "metric:" not in line]
    assert long == []


@pytest.mark.parametrize("family", [name for name in families() if name != "imported"])
def test_a_first_experiment_is_the_familys_with_its_defaults_and_names_every_field(
    project: Any, cli: Any, family: str
) -> None:
    made = json.loads(cli("new", "a-new-one", "--family", family, "--json").out)
    file = project.root / made["replication"] / "replication.yaml"
    (experiment,) = ReplicationSpec.load(file).experiments
    assert experiment.family == family
    text = file.read_text()
    told = " ".join(text.replace("#", "").split())
    for name, field in families()[family].model_fields.items():
        assert f" {name}:" in text
        assert " ".join((field.description or "").split()) in told
    written_out = uncomment_defaults(text, families()[family])
    names = families()[family].model_fields.keys() - {"family"}
    assert all(f"\n    {name}:" in written_out for name in names)
    assert "\n    judged:" not in text
    file.write_text(written_out)
    assert ReplicationSpec.load(file).experiments[0].digest == experiment.digest


def uncomment_defaults(text: str, spec: type[Experiment]) -> str:
    """The same YAML with the defaults of the experiment's own fields written out."""
    for name, field in spec.model_fields.items():
        if not field.is_required():
            default = f"{name}: {flow(field.get_default(call_default_factory=True))}"
            text = text.replace(f"\n    # {default}\n", f"\n    {default}\n")
    return text


@pytest.mark.parametrize("family", [name for name in families() if name != "imported"])
def test_filling_in_the_placeholders_leads_to_a_spec_that_check_accepts(
    project: Any, cli: Any, family: str
) -> None:
    facts = ["--title", "T", "--authors", "A. One, B. Two", "--year", "2025"]
    arguments = ["a-new-one", "--family", family, *facts, "--url", "https://example.org/p"]
    folder = cli("new", *arguments).out.strip()
    file = project.root / "papers/a-new-one/paper.yaml"
    file.write_text(filled_in(file.read_text()))
    asked = cli("check", folder)
    assert asked.code == 2
    lines = [line for line in asked.err.splitlines() if line.startswith("  - {")]
    assert "undeclared deviations" in asked.err
    spec = project.root / folder / "replication.yaml"
    declared = spec.read_text().replace("deviations: []", "\n".join(["deviations:", *lines]))
    spec.write_text(declared)
    unexplained = cli("check", folder)
    assert unexplained.code == 2
    assert "deviations[0].why: still to write" in unexplained.err
    spec.write_text(declared.replace('"..."', "it runs in minutes"))
    assert cli("check", folder).err == ""
    paper = Replication.open(project.root / folder).paper
    assert paper.authors == ("A. One", "B. Two")
    assert {claim.expects.kind for claim in paper.claims} >= {"bound", "ordering", "equivalence"}


def test_a_new_paper_goes_from_its_scaffold_to_verdicts(project: Any, cli: Any) -> None:
    facts = ["--title", "T", "--authors", "A. One", "--year", "2025", "--url", "https://a.org/p"]
    model = ["--model", f"path:{project.model}"]
    made = json.loads(
        cli("new", "a-new-one", "--family", "attention", *model, *facts, "--json").out
    )
    assert made["next"][-4:] == [
        f"harness {stage} {made['replication']}" for stage in ("check", "run", "judge", "report")
    ]
    file = project.root / made["paper"]
    named = filled_in(file.read_text()).replace("[words]", f"[path:{project.model}]")
    file.write_text(named)
    frozen = json.loads(cli("freeze", "a-new-one", "--json").out)["frozen"]
    spec = project.root / made["replication"] / "replication.yaml"
    text = spec.read_text().replace(
        "# top: [1, 5, 10]", "top: [1, 5]  # A tiny model has 12 heads."
    )
    digest = f"paper_digest: {frozen['paper_digest']}  #"
    spec.write_text(text.replace("# paper_digest:", digest))
    assert cli("check", made["replication"]).err == ""
    assert cli("run", made["replication"], "--device", "cpu").code == 0
    verdicts = json.loads(cli("judge", made["replication"], "--json").out)["verdicts"]
    outcomes = {each["claim"]: each["outcome"] for each in verdicts}
    assert outcomes["claim-0"] == "not_replicated"  # A random model copies nothing.
    assert set(outcomes.values()) <= {"replicated", "partial", "not_replicated", "inconclusive"}


def filled_in(text: str) -> str:
    """What a newcomer writes: every example whose quantities are there, with words and numbers."""
    words = {"limit": "0.9", "side": "at_least", "target": "0.9", "tolerance": "0.1"}
    words |= {"margin": "0.1", "direction": "increasing", "data": "generated"}
    text = re.sub(r"^  - \"TODO.*\n", "", text, flags=re.MULTILINE)
    head, *examples = re.split(r"^  # --- ", text, flags=re.MULTILINE)
    for place, example in enumerate(examples):
        if "TODO, where" in example or example.startswith("table"):
            continue
        _, first, body = example.partition("  # - id")
        claim = re.sub(r"^  # ", "  ", (first + body).split("\n\n")[0], flags=re.MULTILINE)
        head += claim.replace("TODO a short name", f"claim-{place}") + "\n"
    return re.sub(
        r"^(\s*)(\w+): (\[?)\"TODO[^\"]*\"",
        lambda found: f"{found[1]}{found[2]}: {found[3]}{words.get(found[2], 'words')}",
        head,
        flags=re.MULTILINE,
    )


def test_a_known_paper_without_a_replication_is_started_with_a_family(
    project: Any, cli: Any
) -> None:
    project.spec_file.unlink()
    before = project.paper_file.read_bytes()
    made = cli("new", "tiny-truth", "--family", "probing", "--id", "first-try")
    assert made.out == "replications/tiny-truth/first-try\n"
    assert project.paper_file.read_bytes() == before
    refused = cli("check", made.out.strip())
    assert "untested.truth-linear: still to write" in refused.err
    assert "deviations[0].why: still to write: why so" in refused.err
    text = (project.root / made.out.strip() / "replication.yaml").read_text()
    assert "paper: hf:someone/paper-model" in text


@pytest.mark.parametrize("family", [None, "probing"])
def test_a_replication_of_a_frozen_paper_names_the_spec_that_it_is_written_against(
    project: Any, cli: Any, family: str | None
) -> None:
    arguments = ["new", "tiny-truth", "--model", f"path:{project.model}"]
    arguments += ["--family", family] if family else []
    before = cli(*arguments, "--id", "before").out.strip()
    assert cli("freeze", "tiny-truth").code == 0
    after = cli(*arguments, "--id", "after").out.strip()
    digest = project.open().paper.digest
    text = (project.root / after / "replication.yaml").read_text()
    assert f"\npaper_digest: {digest}\n" in text.replace('"', "")
    asked = (project.root / before / "replication.yaml").read_text()
    assert "# paper_digest: what `harness freeze tiny-truth --json` says" in asked


def test_nothing_that_is_there_is_written_over(project: Any, cli: Any) -> None:
    arguments = ("new", "a-new-one", "--family", "attention")
    first = cli(*arguments)
    before = project.state()
    again = cli(*arguments)
    assert (again.code, again.out) == (0, first.out)
    assert cli(*arguments, "--id", "second", "--title", "Another").code == 2
    assert cli("new", "tiny-truth", "--title", "Another").code == 2
    assert project.state() == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["new-one"], "a new one is started with --family (one of probing, attention"),
        (["new-one", "--family", "atention"], "did you mean 'attention'? valid: probing"),
        (["New One", "--family", "attention"], "PAPER: 'New One': valid: lower-case"),
        (["../out", "--family", "attention"], "PAPER: '../out': valid: lower-case"),
        (["new-one", "--family", "attention", "--id", "../x"], "--id: '../x': valid"),
        (["new-one", "--family", "attention", "--model", "gtp2"], "model 'gtp2' is unknown"),
        (["new-one", "--family", "sae_bench", "--model", "gpt2"], "valid: synthsae"),
        (["new-one", "--family", "attention", "--data", "original"], "reads original data"),
        (["tiny-truth", "--title", "T"], "is there already; --title"),
    ],
)
def test_what_cannot_be_started_writes_nothing_and_says_what_is_valid(
    project: Any, cli: Any, arguments: list[str], said: str
) -> None:
    before = project.state()
    ended = cli("new", *arguments)
    assert ended.code == 2
    assert said in ended.err
    assert project.state() == before


def test_the_help_names_every_family(cli: Any) -> None:
    shown = " ".join(cli("new", "--help").out.replace("│", "").split())
    for family in families():
        assert family in shown


def test_a_persons_output_is_the_folder_and_the_next_commands_go_to_standard_error(
    project: Any, cli: Any
) -> None:
    made = cli("new", "tiny-truth", "--model", f"path:{project.model}")
    assert made.out == "replications/tiny-truth/tiny-llama\n"
    assert "  harness run replications/tiny-truth/tiny-llama\n" in made.err
    assert "freeze" not in made.err
    assert "  harness freeze new-one\n" in cli("new", "new-one", "--family", "attention").err


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
