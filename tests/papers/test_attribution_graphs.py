"""The paper's claims judged by the tutorial's own numbers, and by changes that do nothing."""

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from harness.check import check
from harness.check.claims import claim_problems
from harness.deviations import is_exact
from harness.expectations import Value
from harness.measurement import Evidence, Items, Measurement, Quantity
from harness.paper import PaperSpec
from harness.record import HarnessError
from harness.replication import Replication
from harness.scaffold import scaffold
from harness.specs import CircuitTracingSpec, ReplicationSpec
from harness.verdict import judge

CHECKOUT = Path(__file__).parents[2]
FOLDER = CHECKOUT / "papers/attribution-graphs"
PAPER = PaperSpec.load(FOLDER / "paper.yaml")
TUTORIAL = "gemma-2-2b-original"
REPLICATIONS = ("capitals-4l", "smollm2-135m-instruct")
HAIKU = {claim.id for claim in PAPER.claims if claim.id.startswith("haiku-")}
STORY = {
    "fact_accuracy": 0.9,
    "effect_agreement": 0.9,
    "path_share": 0.5,
    "foil_probability": 0.1,
    "answer_probability": 0.6,
    "answer_log_probability_lost": 3.0,
    "answer_kind_first": 0.9,
}
"""What is measured where nothing below says otherwise."""


def told(quantity: Quantity) -> float:
    """The tutorial's story in numbers near its own; a control changes nothing."""
    where, metric = quantity.where, quantity.metric
    change = where.get("intervention")
    still = quantity.control is not None or change in ("none", "hop")
    match metric:
        case "answer_first":
            return 0.95 if still else 0.1
        case "foil_first":
            return 0.8 if change == "swap" and not still else 0.05
        case "foil_probability" if change == "swap" and not still:
            return 0.4
        case "answer_probability" if not still:
            return 0.1
        case "answer_log_probability_lost" if still:
            return 0.1
        case "answer_kind_first" if still:
            return 0.95
        case "path_share" if quantity.control:
            return 0.03
        case "supernode_activation":
            fed = {"answer": ("bridge", "subject", "relation", "output", "swap")}
            fed["output"] = ("relation",)
            falls = change in fed.get(str(where["supernode"]), ())
            return 0.3 if falls and not still else 1.0
        case _:
            return STORY.get(metric, 0.5)


def idle(quantity: Quantity) -> float:
    """As the control: nothing that is changed makes a difference."""
    return told(quantity.model_copy(update={"control": "random_features"}))


def scored(quantity: Quantity, value: float, seed: int) -> Measurement:
    """A row of 40 prompts, which differ a little."""
    scores = [value + (0.02 if prompt % 2 else -0.02) for prompt in range(40)]
    return Measurement(
        experiment="x",
        metric=quantity.metric,
        value=value,
        stderr=0.02 / 40**0.5,
        n=40,
        seed=seed,
        conditions=quantity.where,
        control=quantity.control,
        items=Items.pack(f"prompts {seed}", scores),
    )


def rows(spec: CircuitTracingSpec, *, works: bool) -> Iterator[Measurement]:
    skipped = {"transcoder_fvu", "graph_nodes", "graph_edges", "ffl_z"}
    for quantity in spec.produces():
        if quantity.metric not in skipped:
            value = (
                told(quantity) if works or quantity.metric == "fact_accuracy" else idle(quantity)
            )
            for seed in spec.seeds:
                yield scored(quantity, value, seed)


def outcomes(measured: Iterable[Measurement], *, exact: bool) -> dict[str, str]:
    evidence = Evidence(measured)
    judged = [judge(PAPER, claim, evidence, exact_set_up=exact) for claim in PAPER.claims]
    return {each.claim: each.outcome for each in judged}


def replication(name: str) -> Replication:
    return Replication.open(CHECKOUT / "replications/attribution-graphs" / name)


def experiment(name: str) -> CircuitTracingSpec:
    (only,) = replication(name).spec.experiments
    assert isinstance(only, CircuitTracingSpec)
    return only


@pytest.mark.parametrize("name", REPLICATIONS)
def test_a_model_that_works_as_the_tutorial_tells_meets_every_claim_that_is_tested(
    name: str,
) -> None:
    found = outcomes(rows(experiment(name), works=True), exact=False)
    general = {claim.id for claim in PAPER.claims if claim.scope == "general"}
    tested = general - set(replication(name).spec.untested)
    assert {claim for claim, got in found.items() if got == "replicated"} == tested
    assert len(tested) == {"capitals-4l": 20, "smollm2-135m-instruct": 15}[name]


@pytest.mark.parametrize("name", REPLICATIONS)
def test_where_no_change_matters_only_what_is_said_to_stay_stays(name: str) -> None:
    found = outcomes(rows(experiment(name), works=False), exact=False)
    met = {claim for claim, got in found.items() if got == "replicated"}
    stays = {claim.id for claim in PAPER.claims if "leaves" in claim.id}
    assert met <= {*stays, "graph-has-a-shortcut", "replacement-model-agrees"}
    assert met & stays


def test_a_claim_that_a_change_does_something_has_random_features_as_control() -> None:
    general = [claim for claim in PAPER.claims if claim.scope == "general"]
    without = {claim.id for claim in general if not claim.controls}
    assert {name for name in without if "leaves" not in name} == {
        "graph-has-a-shortcut",
        "replacement-model-agrees",
    }
    assert all(claim.presupposes for claim in general)


def tutorial() -> ReplicationSpec:
    return ReplicationSpec.load(FOLDER / f"{TUTORIAL}.yaml")


def printed() -> Iterator[Measurement]:
    """The tutorial's numbers, as one run on one machine gives them: known without error."""
    (spec,) = tutorial().experiments
    known = {_key(cell.quantity): cell.value for table in PAPER.tables for cell in table.cells}
    for claim in PAPER.claims:
        if isinstance(claim.expects, Value):
            known[_key(claim.expects.quantity)] = claim.expects.target
    for quantity in spec.produces():
        if quantity.metric in ("token_probability", "mean_latent_activation"):
            yield Measurement(
                experiment=spec.id,
                metric=quantity.metric,
                value=known.get(_key(quantity), 0.01),
                stderr=0,
                n=1,
                seed=0,
                conditions=quantity.where,
                control=quantity.control,
            )


def _key(quantity: Quantity) -> tuple[str, frozenset[tuple[str, object]]]:
    """What claims and tables name it by."""
    where = {k: v for k, v in quantity.where.items() if k not in ("model", "transcoders")}
    return quantity.metric, frozenset(where.items())


def test_the_tutorials_own_numbers_meet_every_claim_that_its_experiment_tests() -> None:
    untested = tutorial().untested
    found = outcomes(printed(), exact=True)
    missed = {claim: got for claim, got in found.items() if got != "replicated"}
    assert set(missed) == set(untested)
    assert set(missed.values()) == {"not_tested"}


def test_numbers_of_another_model_do_not() -> None:
    other = [row.model_copy(update={"value": 0.9 * (1 - row.value)}) for row in printed()]
    found = outcomes(other, exact=True)
    assert "replicated" not in found.values()


def test_the_tutorials_experiment_is_ready_but_for_weights(tmp_path: Path) -> None:
    replication = copied(tmp_path)
    assert is_exact(replication.paper.setup, replication.spec)
    assert list(claim_problems(replication)) == []


def copied(project: Path) -> Replication:
    """As the file says it is used."""
    shutil.copytree(FOLDER, project / "papers/attribution-graphs")
    root = project / "replications/attribution-graphs" / TUTORIAL
    root.mkdir(parents=True)
    shutil.copy(FOLDER / f"{TUTORIAL}.yaml", root / "replication.yaml")
    return Replication.open(root)


def test_the_tutorials_experiment_names_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    with pytest.raises(HarnessError) as refused:
        check(copied(tmp_path))
    told = str(refused.value).splitlines()
    assert ["transcoders" in each for each in told] == [True, False]
    assert all("is not in the local cache" in each for each in told)


def test_no_other_model_is_held_against_what_haiku_does() -> None:
    for claim in PAPER.claims:
        if claim.id in HAIKU:
            assert claim.source.status == "secondary"
            assert {q.where["model"] for q in PAPER.quantities(claim)} == {"claude-3.5-haiku"}


@pytest.mark.parametrize("name", REPLICATIONS)
def test_the_replications_are_ready(name: str) -> None:
    check(replication(name))


def test_a_scaffold_on_another_model_takes_its_transcoders_or_says_that_there_are_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    for part in ("papers", "replications"):
        shutil.copytree(
            CHECKOUT / part / "attribution-graphs", tmp_path / part / "attribution-graphs"
        )
    shutil.rmtree(tmp_path / "replications/attribution-graphs/capitals-4l")
    made = Replication.open(scaffold(tmp_path, PAPER.id, model="capitals-4l"))
    assert made.spec.experiments[0].transcoders == "capitals-topk16"
    check(made)
    gemma = Replication.open(scaffold(tmp_path, PAPER.id, model="gemma-2-2b"))
    with pytest.raises(HarnessError, match="are of smollm2-135m-instruct, not of gemma-2-2b"):
        check(gemma)
