"""The faults of the closest earlier system, each caused here, each found or without effect.

design.md, section 10, is the list; a name here is a fault there.
"""

import ast
import json
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.experiments.context import Context
from harness.measurement import Items, Measurement
from harness.record import HarnessError
from harness.replication import Replication
from harness.rerun import rerun
from harness.run import run, write_verdicts
from harness.specs import ProbingSpec
from harness.verdict import judge

CHECKOUT = Path(__file__).parents[2]
REPLICATION = "replications/tiny-truth/tiny"
UNITS = 60


def rows_of(
    project: Any, right: Callable[[str, str, str | None], list[float]]
) -> list[Measurement]:
    """What a predictor measures: its units' scores by train set, test set and control."""
    spec: ProbingSpec = project.open().spec.experiments[0]
    rows: list[Measurement] = []
    for quantity in spec.produces():
        if quantity.metric != "accuracy_binary":
            continue
        where = quantity.where
        scores = right(str(where["train"]), str(where["test"]), quantity.control)
        rows.append(
            Measurement(
                experiment=spec.id,
                metric=quantity.metric,
                value=sum(scores) / len(scores),
                n=len(scores),
                seed=0,
                conditions=where,
                control=quantity.control,
                items=Items.pack(str(where["test"]), scores),
            )
        )
    return rows


def outcomes(project: Any, rows: list[Measurement]) -> dict[str, str]:
    paper = project.open().paper
    return {
        claim.id: judge(paper, claim, rows, exact_set_up=False).outcome for claim in paper.claims
    }


# --- "every transfer pass is a constant predictor"


def test_a_constant_predictor_replicates_nothing(project: Any) -> None:
    def constant(_train: str, _test: str, _control: str | None) -> list[float]:
        return [0.5] * UNITS  # right about one of the two statements of every unit

    assert "replicated" not in outcomes(project, rows_of(project, constant)).values()


def test_a_fair_coin_passes_no_more_often_than_its_level_allows(project: Any) -> None:
    rng = random.Random(0)

    def coin(_train: str, _test: str, _control: str | None) -> list[float]:
        return [float(rng.random() < 0.5) for _ in range(UNITS)]

    passed = [
        outcome
        for _ in range(60)
        for outcome in outcomes(project, rows_of(project, coin)).values()
        if outcome == "replicated"
    ]
    assert len(passed) <= 0.05 * 60 * 3


def test_a_predictor_that_knows_the_truth_does_replicate(project: Any) -> None:
    def knows(train: str, test: str, control: str | None) -> list[float]:
        share = 0.5 if control else 0.9 if train == test or "+" in train else 0.1
        return [1.0] * round(share * UNITS) + [0.0] * (UNITS - round(share * UNITS))

    found = outcomes(project, rows_of(project, knows))
    assert [found[name] for name in ("truth-linear", "negation-flips", "both-repairs")] == [
        "replicated"
    ] * 3


def test_what_the_control_passes_too_is_not_replicated(project: Any) -> None:
    def leaks(_train: str, _test: str, _control: str | None) -> list[float]:
        return [1.0] * 54 + [0.0] * 6

    assert outcomes(project, rows_of(project, leaks))["truth-linear"] == "inconclusive"


# --- "its cache is keyed by index: other texts returned old activations"


def test_other_texts_never_meet_the_activations_of_earlier_ones(
    tiny_model: Path, harness_cache: Path
) -> None:
    from harness.models.extraction import extract
    from harness.models.hookpoints import Hookpoint
    from harness.models.language_model import load_model

    model, at = load_model(f"path:{tiny_model}", device="cpu"), Hookpoint("resid_post", 1)
    one, other = ["The cat sat.", "The dog ran."], ["The cow ate.", "The owl saw."]
    first = extract(model, one, [at], cache=harness_cache)[at]
    second = extract(model, other, [at], cache=harness_cache)[at]
    assert not first.equal(second)
    assert second.equal(extract(model, other, [at], cache=None)[at])
    assert first.equal(extract(model, one, [at], cache=harness_cache)[at])
    swapped = extract(model, one[::-1], [at], cache=harness_cache)[at]
    assert swapped.flip(0).allclose(first, atol=1e-6)


def test_a_cache_of_another_models_activations_is_not_read(
    tiny_model: Path, harness_cache: Path, tmp_path: Path
) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    from harness.models.extraction import extract
    from harness.models.hookpoints import Hookpoint
    from harness.models.language_model import load_model

    altered = tmp_path / "altered"
    shutil.copytree(tiny_model, altered)
    weights = load_file(altered / "model.safetensors")
    weights["model.embed_tokens.weight"] += 0.1 * torch.ones(1)
    save_file(weights, altered / "model.safetensors", metadata={"format": "pt"})
    at = Hookpoint("resid_post", 1)
    first, second = (
        extract(load_model(f"path:{each}", device="cpu"), ["A cat."], [at], cache=harness_cache)[at]
        for each in (tiny_model, altered)
    )
    assert not first.allclose(second, atol=1e-3)


# --- "`--fast` poisons later full runs"


def test_rows_of_a_quick_trial_are_not_taken_for_the_full_run(project: Any) -> None:
    full = project.spec_file.read_text()
    project.edit("sizes: {sp_en_trans: 48, neg_sp_en_trans: 48}", "sizes: {sp_en_trans: 8, neg_sp_en_trans: 48}")  # fmt: skip  # noqa: E501
    run(project.open(), device="cpu")
    trial = project.rows_files()
    project.spec_file.write_text(full)
    assert project.open().rows(project.open().spec.experiments[0]) == []
    run(project.open(), device="cpu")
    (row,) = [
        row for row in project.open().evidence() if row.seed == 0 and row.metric == "chosen_layer"
    ]
    assert trial.items() <= project.rows_files().items()
    assert project.open().manifest().experiments["transfer"].data["sp_en_trans"].statements == 48
    assert row.n > 8


# --- "a fresh clone re-replicates by reading committed JSON"


def test_a_rerun_executes_and_does_not_read_what_is_committed(finished: Any) -> None:
    opened = finished.open()
    file = opened.measurements_file(opened.spec.experiments[0])
    rows = opened.rows(opened.spec.experiments[0])
    place = next(i for i, row in enumerate(rows) if row.metric == "chosen_layer")
    rows[place] = rows[place].model_copy(update={"value": (rows[place].value + 1) % 3})
    file.write_text("".join(row.model_dump_json(exclude_none=True) + "\n" for row in rows))
    compared = rerun(finished.open(), device="cpu")
    assert [row.name.split()[1] for row in compared.rows if not row.agrees] == ["chosen_layer"]


def test_a_rerun_does_not_read_cached_activations(
    finished: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object) -> None:
        raise AssertionError("the cache was read")

    monkeypatch.setattr("harness.models.extraction.read_tensor", forbidden)
    assert rerun(finished.open(), device="cpu").agrees


# --- "crash, skip and typo are stored as FAIL = paper refuted"


def test_a_crash_refutes_nothing(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr("harness.run.run_experiment", crash)
    run(project.open())
    verdicts = write_verdicts(project.open()).verdicts
    assert {verdict.outcome for verdict in verdicts} == {"not_tested"}
    assert "failed: transfer" in verdicts[0].reason
    assert json.loads(next(project.folder.glob("measurements/*.failed.json")).read_text())["error"]


def test_a_skip_refutes_nothing(project: Any) -> None:
    verdict = project.open().verdicts()[-1]
    assert (verdict.outcome, verdict.reason) == (
        "not_tested",
        "numbers are not part of this replication",
    )


def test_a_typo_is_an_error_of_the_spec_and_no_verdict(project: Any, cli: Any) -> None:
    project.edit("probe: mass_mean, train: sp_en_trans, test: sp_en", "probe: mass_maen, train: sp_en_trans, test: sp_en", paper=True)  # fmt: skip  # noqa: E501
    for stage in ("check", "run"):
        ended = cli(stage, REPLICATION)
        assert ended.code == 2
        assert "probe=mass_maen: measured are lda, mass_mean" in ended.err
    assert project.rows_files() == {}


# --- "a missing input became r = 0.0"


def test_a_missing_input_is_not_measured_and_is_no_zero(project: Any) -> None:
    def nothing(_train: str, test: str, _control: str | None) -> list[float]:
        return [1.0] * UNITS if test == "sp_en_trans" else []

    with pytest.raises((HarnessError, ZeroDivisionError)):
        rows_of(project, nothing)
    spec = project.open().spec.experiments[0]
    present = [
        row
        for row in rows_of(project, lambda *_: [1.0] * UNITS)
        if row.conditions["test"] == "sp_en_trans"
    ]
    assert spec.id == "transfer"
    assert outcomes(project, present)["negation-flips"] == "not_tested"
    paper = project.open().paper
    verdict = judge(paper, paper.claims[1], present, exact_set_up=False)
    assert verdict.estimates == ()
    assert "was not measured" in verdict.reason


def test_a_mean_over_nothing_cannot_be_written_down() -> None:
    with pytest.raises(HarnessError, match="no units"):
        Items.pack("set", [])
    with pytest.raises(ValueError, match="greater than 0"):
        Measurement(experiment="a", metric="auroc", value=0.0, n=0, seed=0, conditions={})


# --- "exit code always 0"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["check", REPLICATION], 0),
        (["check", "replications/tiny-truth/tinny"], 2),
        (["run", REPLICATION, "--device", "gpu"], 2),
        (["rerun", REPLICATION], 2),
        (["nonsense"], 2),
    ],
)
def test_the_exit_code_tells_how_it_ended(
    project: Any, cli: Any, arguments: list[str], code: int
) -> None:
    assert cli(*arguments).code == code
    assert project.root.exists()


def test_a_crash_ends_with_one(project: Any, cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(_spec: ProbingSpec, _context: Context) -> Iterator[Measurement]:
        raise RuntimeError("planted")
        yield

    monkeypatch.setattr("harness.run.run_experiment", crash)
    assert cli("run", REPLICATION).code == 1
    assert project.rows_files() == {}


# --- "torch.load(weights_only=False) on files a PR can bring"

PICKLES = {"pickle", "cPickle", "dill", "joblib", "shelve", "marshal", "cloudpickle"}


def sources() -> list[Path]:
    return sorted(CHECKOUT.glob("harness/**/*.py"))


def test_nothing_in_the_package_reads_a_pickle_or_evaluates_text() -> None:
    found: list[str] = []
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            place = f"{path.relative_to(CHECKOUT)}:{getattr(node, 'lineno', 0)}"
            match node:
                case ast.Import(names=names) if {
                    each.name.split(".")[0] for each in names
                } & PICKLES:
                    found.append(place)
                case ast.ImportFrom(module=str(module)) if module.split(".")[0] in PICKLES:
                    found.append(place)
                case ast.Call(func=ast.Name(id="eval" | "exec")):
                    found.append(place)
                case ast.Call(func=ast.Attribute(value=ast.Name(id="torch"), attr="load")):
                    found.append(place)
                case ast.Call(func=ast.Attribute(attr="load"), keywords=keywords) if any(
                    each.arg == "allow_pickle"
                    and not (isinstance(each.value, ast.Constant) and each.value.value is False)
                    for each in keywords
                ):
                    found.append(place)
                case _:
                    pass
    assert len(sources()) > 50
    assert found == []


class Bomb:
    """A pickle that writes a file when it is read."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> Any:
        return (Path.touch, (self.marker,))


def test_a_model_whose_weights_are_a_pickle_is_refused_unread(
    project: Any, cli: Any, tmp_path: Path
) -> None:
    import torch

    pickled, marker = tmp_path / "pickled", tmp_path / "marker"
    shutil.copytree(project.model, pickled)
    (pickled / "model.safetensors").unlink()
    torch.save(Bomb(marker), pickled / "pytorch_model.bin")
    project.edit(f"path:{project.model}", f"path:{pickled}")
    ended = cli("run", REPLICATION)
    assert ended.code == 2
    assert "pickled weights are never loaded" in ended.err
    assert not marker.exists()
    with pytest.MonkeyPatch.context() as unchecked:
        unchecked.setattr("harness.check.why_not_at_hand", lambda _: None)
        assert cli("run", REPLICATION).code in (1, 2)
    assert not marker.exists()
    assert project.rows_files() == {}
    torch.load(pickled / "pytorch_model.bin", weights_only=False)
    assert marker.exists()  # the control: reading it would have run it


# --- "a claim id `../../../../evil` wrote outside"


@pytest.mark.parametrize("evil", ["../../../../evil", "/evil", "a/b", "..", ".hidden", "A", "a\\b"])
@pytest.mark.parametrize("place", ["claim", "paper", "replication", "experiment"])
def test_an_id_that_leaves_its_folder_is_refused_before_anything_is_written(
    project: Any, cli: Any, tmp_path: Path, evil: str, place: str
) -> None:
    old = {
        "claim": "id: truth-linear",
        "paper": "id: tiny-truth",
        "replication": "id: tiny\n",
        "experiment": "id: transfer",
    }[place]
    end = "\n" if old.endswith("\n") else ""
    project.edit(old, f"id: {json.dumps(evil)}{end}", paper=place in ("claim", "paper"))
    before = sorted(tmp_path.rglob("*"))
    for command in ("check", "run", "judge"):
        assert cli(command, REPLICATION).code == 2
    assert sorted(tmp_path.rglob("*")) == before


# --- "trust_remote_code=True everywhere"


def test_code_that_comes_with_a_model_is_not_executed(
    project: Any, cli: Any, tmp_path: Path
) -> None:
    hostile, marker = tmp_path / "hostile", tmp_path / "marker"
    shutil.copytree(project.model, hostile)
    code = f"from pathlib import Path\nPath({str(marker)!r}).touch()\n"
    for module in ("modeling_evil", "configuration_evil", "tokenization_evil"):
        (hostile / f"{module}.py").write_text(code)
    auto = {
        "AutoConfig": "configuration_evil.EvilConfig",
        "AutoModelForCausalLM": "modeling_evil.EvilModel",
        "AutoTokenizer": ["tokenization_evil.EvilTokenizer", None],
    }
    for name in ("config.json", "tokenizer_config.json"):
        content = json.loads((hostile / name).read_text())
        (hostile / name).write_text(json.dumps({**content, "auto_map": auto}))
    project.edit(f"path:{project.model}", f"path:{hostile}")
    assert cli("run", REPLICATION, "--device", "cpu").code == 0
    assert len(project.rows_files()) == 2
    assert not marker.exists()


def test_trust_in_remote_code_is_never_given() -> None:
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.keyword) and node.arg == "trust_remote_code":
                assert isinstance(node.value, ast.Constant), path
                assert node.value.value is False, path


# --- "`--validate-only` passes wrong metrics and parameters"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("metric: auroc", "metric: auroc_score", "unknown metric 'auroc_score'"),
        ("limit: 0.6", "limit: 60", "60 is outside the range"),
        ("side: at_most", "side: below", "'at_least' or 'at_most'"),
        ("test: neg_sp_en_trans}", "tset: neg_sp_en_trans}", "no experiment produces"),
    ],
)
def test_check_refuses_wrong_metrics_and_parameters(
    project: Any, cli: Any, old: str, new: str, said: str
) -> None:
    project.edit(old, new, paper=True)
    ended = cli("check", REPLICATION)
    assert ended.code == 2
    assert said in ended.err


# --- "it never compares with the paper's numbers"


def test_the_papers_number_stands_beside_ours(finished: Any, cli: Any) -> None:
    exact = finished.open().verdicts()[3]
    assert exact.claim == "exact-number"
    assert exact.outcome == "not_applicable"
    ours = exact.estimates[0].estimate.mean
    assert cli("report", REPLICATION).code == 0
    report = (finished.folder / "report.md").read_text()
    assert "0.95" in report
    assert f"{ours:.3f}" in report
    assert [claim.expects.target for claim in finished.open().paper.claims[3:4]] == [0.95]


def test_on_the_papers_own_set_up_its_number_is_judged(finished: Any) -> None:
    finished.edit("models: [hf:someone/paper-model]", f'models: ["path:{finished.model}"]', paper=True)  # fmt: skip  # noqa: E501
    text = finished.spec_file.read_text()
    start, end = text.index("  - {what: model"), text.index("  - {what: hyper")
    finished.spec_file.write_text(text[:start] + text[end:])
    finished.edit("    sizes: {sp_en_trans: 48, neg_sp_en_trans: 48}\n", "")
    run(finished.open(), device="cpu")
    exact = Replication.open(finished.folder).verdicts()[3]
    assert (exact.claim, exact.outcome) == ("exact-number", "not_replicated")
    assert "must lie in 0.93 to 0.97" in exact.reason
