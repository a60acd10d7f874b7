"""The task `facts` from spec to rows, on a model that knows capitals."""

import math
from collections import Counter
from pathlib import Path

import pytest
import torch
from torch import Tensor

from harness.circuits.changes import active_latents
from harness.data.fact_prompts import Relation, one_step_prompts, two_step_prompts
from harness.experiments import circuit_tracing
from harness.experiments.circuit_tracing import prompts
from harness.experiments.context import Context
from harness.experiments.uninformative import Uninformative
from harness.graphs.attribution_graph import read_graph
from harness.graphs.graph_table import GraphTable
from harness.graphs.validate import validate_graph
from harness.metrics import get_metric
from harness.models.language_model import LanguageModel
from harness.models.made_recall import recalled
from harness.models.tokenization import tokenize
from harness.record import HarnessError
from harness.specs.circuit_tracing import EFFECTS, RANDOM_FEATURES, RANDOM_TRANSCODERS
from harness.transcoders.sets import TranscoderSet
from tests.experiments.circuit_tracing.answering import LAYERS, TWO_STEP, K, spec
from tests.experiments.circuit_tracing.conftest import Ran, run

SUPERNODES = ("relation", "subject", "output", "answer")
PLACES = {"relation": {2}, "subject": {4, 5}, "output": {5}, "answer": {5}}
"""In `<s> The capital of France is`; the country may be read at the end too."""
RUNS = ("replacement", "original")


def test_the_model_that_answers_was_trained_to_and_the_other_was_not(
    lm: LanguageModel, knowing_nothing: Path
) -> None:
    from harness.models.language_model import load_model

    assert recalled(lm.hf, lm.tokenizer, one_step_prompts()) > 0.9
    nothing = load_model(f"path:{knowing_nothing}", device="cpu")
    assert recalled(nothing.hf, nothing.tokenizer, one_step_prompts()) < 0.1


def test_a_run_measures_exactly_what_its_spec_promises(ran: Ran) -> None:
    promised = list(ran.asked.produces(range(LAYERS)))
    for quantity in promised:
        assert sum(row.matches(quantity) for row in ran.rows) == 1, quantity
    assert [row for row in ran.rows if not any(row.matches(each) for each in promised)] == []


def test_every_number_is_finite_and_within_its_metrics_range(ran: Ran) -> None:
    for row in ran.rows:
        metric = get_metric(row.metric)
        assert math.isfinite(row.value), row
        # Ratio scores are linearised, so their mean is the ratio up to rounding.
        assert (metric.low is None) or row.value >= metric.low - 1e-9, row
        assert (metric.high is None) or row.value <= metric.high + 1e-9, row
        assert row.n >= 1


def test_prompts_are_the_units_of_every_number_and_of_its_control(ran: Ran) -> None:
    """One digest, so that differences between interventions and controls are paired."""
    over_prompts = (*EFFECTS, "supernode_activation", "path_share", "effect_agreement")
    for metric in over_prompts:
        found = [row for row in ran.rows if row.metric == metric]
        assert all(row.n == 10 for row in found)
        assert len({row.items.set for row in found if row.items is not None}) == 1, metric
        for row in found:
            assert row.items is not None
            scores = row.items.unpack()
            assert sum(scores) / len(scores) == pytest.approx(row.value, abs=1e-5)
    controlled = {row.control for row in ran.rows if row.metric == "path_share"}
    assert controlled == {None, RANDOM_FEATURES}


@pytest.mark.parametrize("run_", RUNS)
def test_without_an_intervention_every_prompt_is_answered(ran: Ran, run_: str) -> None:
    clean = {"intervention": "none", "run": run_}
    assert ran.value("answer_first", **clean) == 1
    assert ran.value("answer_log_probability_lost", **clean) == 0
    assert ran.value("foil_first", **clean) == 0
    assert ran.value("answer_kind_first", **clean) == 1
    answered = ran.value("answer_probability", **clean)
    assert answered > 5 * ran.value("foil_probability", **clean)


@pytest.mark.parametrize("run_", RUNS)
def test_the_subjects_latents_do_more_than_random_ones(ran: Ran, run_: str) -> None:
    lost = "answer_log_probability_lost"
    for change in ("subject", "swap"):
        where = {"intervention": change, "run": run_}
        assert ran.value(lost, **where) > 1.2 * ran.value(lost, RANDOM_FEATURES, **where) > 0
        assert ran.value("answer_first", **where) < 0.8
    where = {"intervention": "answer", "run": run_}
    assert ran.value(lost, **where) > 0.1, "latents at the last token are of use too"


@pytest.mark.parametrize("run_", RUNS)
def test_the_foils_latents_make_its_answer_likelier(ran: Ran, run_: str) -> None:
    where = {"intervention": "swap", "run": run_}
    found = ran.value("foil_probability", **where)
    assert found > 1.3 * ran.value("foil_probability", RANDOM_FEATURES, **where)
    assert found > 1.3 * ran.value("foil_probability", intervention="none", run=run_)


@pytest.mark.parametrize("run_", RUNS)
def test_effects_reach_what_comes_after_and_not_what_stands_before(ran: Ran, run_: str) -> None:
    """The subject stands after the relation: nothing done to it gets there."""

    def left(supernode: str, intervention: str) -> float:
        where = {"supernode": supernode, "intervention": intervention, "run": run_}
        return ran.value("supernode_activation", **where)

    for intervention in ("subject", "output", "answer", "swap"):
        assert left("relation", intervention) == pytest.approx(1, abs=1e-5)
    for intervention in ("subject", "swap"):
        assert left("answer", intervention) < 0.95
        assert left("output", intervention) < 0.99


def test_both_models_agree_on_what_interventions_do(ran: Ran) -> None:
    assert ran.value("effect_agreement") > 0.8


def test_graphs_are_what_they_claim_to_be(ran: Ran) -> None:
    assert 0 < ran.value("linear_identity_error") < 1e-4
    assert 0 <= ran.value("base_logit_error") < 1e-3
    assert ran.value("fact_accuracy") > 0.9
    assert ran.value("graph_nodes") > 20


def test_transcoders_that_were_trained_beat_random_ones(ran: Ran) -> None:
    score = "replacement_score"
    assert ran.value(score) > ran.value(score, RANDOM_TRANSCODERS) + 0.1
    for layer in range(LAYERS):
        assert ran.value("transcoder_fvu", layer=layer) < 0.2
        assert ran.value("transcoder_l0", layer=layer) == pytest.approx(K, abs=0.1)
        assert 0.1 < ran.value("transcoder_alive_fraction", layer=layer) <= 1


def test_the_table_of_graphs_holds_supernodes_that_obey_the_rule(
    ran: Ran, lm: LanguageModel, transcoders: TranscoderSet
) -> None:
    """Shares among prompts of other answers, and among other questions, counted again."""
    table = GraphTable.load(ran.context.artifact("graphs.json"))
    assert len(table.graphs) == 10

    def active(relation: Relation) -> list[Tensor]:
        ids = torch.tensor(tokenize(lm, [each.text for each in one_step_prompts(relation)]))
        return [each != 0 for each in active_latents(lm, transcoders, ids)]

    own, elsewhere = active("capital"), [active("continent"), active("currency")]
    texts = [each.text for each in one_step_prompts()]
    found: Counter[tuple[str, int]] = Counter()
    for entry in table.graphs:
        number = texts.index(entry.prompt)
        others = torch.arange(len(texts)) != number
        assert tuple(entry.supernodes) == SUPERNODES
        for name, members in entry.supernodes.items():
            assert len(members) <= ran.asked.supernode_size
            for layer, position, latent in members:
                found[name, position] += 1
                assert position in PLACES[name]
                assert bool(own[layer][number, position, latent])
                shared = float(own[layer][others, position, latent].float().mean())
                carried = sum(bool(each[layer][number, position, latent]) for each in elsewhere)
                if name != "relation":
                    assert (shared >= 0.5) == (name == "output"), (name, shared)
                if position == 5:
                    assert (carried >= 1) == (name == "subject"), (name, carried)
    assert {name for name, _ in found} == set(SUPERNODES)
    for score in ("replacement_score", "graph_nodes", "linear_identity_error"):
        mean = sum(entry.scores[score] for entry in table.graphs) / len(table.graphs)
        assert mean == pytest.approx(ran.value(score), rel=1e-6)


@pytest.mark.parametrize("number", [0, 1])
def test_graph_files_are_sound_and_show_the_supernodes(ran: Ran, number: int) -> None:
    graph = read_graph(ran.context.artifact(f"{number}.graph.json"))
    assert [each for each in validate_graph(graph) if each.severity == "error"] == []
    table = GraphTable.load(ran.context.artifact("graphs.json"))
    assert graph.metadata.prompt == table.graphs[number].prompt
    named = {group[0] for group in graph.qParams.supernodes or ()}
    assert "answer" in named and named <= set(SUPERNODES)
    assert not ran.context.artifact("2.graph.json").exists()


def test_what_was_used_is_noted(ran: Ran, lm: LanguageModel, transcoders: TranscoderSet) -> None:
    used = ran.context.models
    assert used[ran.asked.model].sha256 == lm.sha256
    assert used[ran.asked.transcoders].sha256 == transcoders.sha256
    assert used[ran.asked.transcoders].origin == "trained by this package"
    assert ran.context.data["one_step prompts"].statements == 50


def test_the_same_seed_gives_the_same_rows(ran: Ran, tmp_path: Path) -> None:
    again = run(ran.asked, tmp_path / "again")
    assert [row.model_dump() for row in again.rows] == [row.model_dump() for row in ran.rows]


def test_every_seed_draws_prompts_of_its_own(ran: Ran, tmp_path: Path) -> None:
    changed = ran.asked.model_copy(update={"seeds": (0, 1), "motif_graphs": 0})
    found = run(changed, tmp_path / "other")
    swapped = [
        row
        for row in found.rows
        if row.metric == "answer_log_probability_lost"
        and row.conditions["intervention"] == "swap"
        and row.conditions["run"] == "original"
        and row.control is None
    ]
    assert [row.seed for row in swapped] == [0, 1]
    asked = {"intervention": "swap", "run": "original"}
    assert swapped[0].value == ran.value("answer_log_probability_lost", **asked)
    assert swapped[1].items is not None and swapped[0].items is not None
    assert swapped[0].items.set != swapped[1].items.set


def test_a_model_that_answers_nothing_is_no_evidence(
    knowing_nothing: Path, trained_set: Path, tmp_path: Path
) -> None:
    asked = spec(knowing_nothing, trained_set)
    with pytest.raises(Uninformative, match=r"answers \d of 50 one_step prompts; 10 are needed"):
        list(circuit_tracing.run(asked, Context(tmp_path / "nothing", device="cpu")))


def test_in_two_steps_what_the_rule_seldom_finds_has_no_row(
    answering: Path, trained_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The model learned these prompts by heart; on some there is no latent of the hop at all."""
    monkeypatch.setattr(prompts, "two_step_prompts", lambda each: two_step_prompts(each)[:TWO_STEP])
    task = {"kind": "facts", "steps": "two_step", "prompts": 10}
    asked = spec(answering, trained_set, task=task, motif_graphs=0, random_draws=1)
    found = run(asked, tmp_path)
    table = GraphTable.load(found.context.artifact("graphs.json"))
    having = {
        name: sum(bool(entry.supernodes[name]) for entry in table.graphs)
        for name in asked.task.supernodes
    }
    assert min(having.values()) < 10 <= max(having.values()), having
    for metric in ("path_share", "answer_first"):
        key = "supernode" if metric == "path_share" else "intervention"
        rows = [row for row in found.rows if row.metric == metric]
        for name, count in having.items():
            of_it = [row for row in rows if row.conditions[key] == name]
            assert bool(of_it) == (count >= 10), name
            assert all(row.n == count for row in of_it)
    produced = list(asked.produces(range(LAYERS)))
    assert all(any(row.matches(each) for each in produced) for row in found.rows)


def test_a_set_that_writes_across_layers_is_refused(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from harness.transcoders.build import build_set
    from tests.transcoders.planted import tiny_recipe

    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    folder = build_set(
        tiny_recipe(tiny_model, id="clt", kind="cross_layer", epochs=1), device="cpu"
    )
    with pytest.raises(HarnessError, match=r"writes across layers; .*harness trace"):
        list(circuit_tracing.run(spec(tiny_model, folder), Context(tmp_path / "x", device="cpu")))
