"""Prompts are laid out as stated, and steering the statement equals hooks on a whole forward."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from harness.experiments.context import Context
from harness.experiments.steering import truth
from harness.experiments.steering.streams import unchanged
from harness.experiments.steering.truth_prompts import Judged, judged_prompts
from harness.experiments.steering.vectors import adding
from harness.models.hookpoints import Hookpoint
from harness.models.hooks import intervene
from harness.models.language_model import LanguageModel
from harness.specs.steering import Truth
from tests.experiments.steering.conftest import Run, made, names, quantities

TASK = {
    "kind": "truth",
    "train": ["cities"],
    "directions": ["mass_mean", "logistic_regression"],
    "depths": [0.0, 0.4],
    "shots": 4,
}
VECTOR = torch.randn(32, generator=torch.Generator().manual_seed(4))


@pytest.fixture(scope="module")
def judged(random_lm: LanguageModel) -> Judged:
    task = made(TASK).task
    assert isinstance(task, Truth)
    return judged_prompts(random_lm, task, Context(Path("x"), device="cpu", use_cache=False))


def text(judged: Judged, label: bool, place: int) -> str:
    return str(judged.lm.tokenizer.decode(list(judged.prompts[label][place])))


def test_a_prompt_is_solved_examples_then_the_statement_and_the_question(judged: Judged) -> None:
    *examples, asked = text(judged, label=True, place=0).split("\n")
    assert len(examples) == 4
    answers = [line.rsplit(" This statement is: ", 1)[1] for line in examples]
    assert sorted(answers) == ["False", "False", "True", "True"]
    assert asked.endswith(". This statement is:")


def test_true_and_false_prompts_speak_of_the_same_nouns_in_one_order(judged: Judged) -> None:
    assert len(judged.prompts[True]) == len(judged.prompts[False]) == 173
    for place in (0, 50, 172):
        true, false = (text(judged, label, place).rsplit("'", 2)[0] for label in (True, False))
        noun = true.rsplit("word '", 1)[1].split("'")[0]
        assert f"word '{noun}'" in false
    assert judged.prompts[True] != judged.prompts[False]


def test_no_solved_noun_is_asked_about(judged: Judged) -> None:
    *examples, _ = text(judged, label=True, place=0).split("\n")
    solved = {line.split("'")[1] for line in examples}
    asked = {text(judged, True, place).split("\n")[-1].split("'")[1] for place in range(173)}
    assert len(solved) == 4 and not solved & asked


def test_steering_ends_with_the_period_of_the_statement(judged: Judged) -> None:
    start, ids = judged.starts[True][0], judged.prompts[True][0]
    steered = str(judged.lm.tokenizer.decode(list(ids[start : start + 2])))
    assert steered.endswith(".")


def test_answers_equal_hooks_on_a_whole_forward(judged: Judged) -> None:
    few = Judged(
        judged.lm,
        {label: each[:3] for label, each in judged.texts.items()},
        {label: each[:3] for label, each in judged.prompts.items()},
        {label: each[:3] for label, each in judged.starts.items()},
        judged.words,
        judged.units,
    )
    edits = {"up": (adding(VECTOR, 1.0),) * 2}
    found = few.answers(0, edits, label=False)["up"]
    expected = [_hooked(few, place) for place in range(3)]
    torch.testing.assert_close(found, torch.tensor(expected), atol=1e-5, rtol=1e-3)
    unedited = few.answers(0, {"": (unchanged,)}, label=False)[""]
    assert not torch.equal(found, unedited)
    torch.testing.assert_close(few.unsteered(label=False), unedited, atol=1e-6, rtol=1e-3)


def _hooked(judged: Judged, place: int) -> float:
    start = judged.starts[False][place]

    def edit(resid: Tensor) -> Tensor:
        changed = resid.clone()
        changed[:, start : start + 2] += VECTOR
        return changed

    hooks = {Hookpoint("resid_post", layer): edit for layer in (0, 1)}
    with torch.inference_mode(), intervene(judged.lm, hooks):
        logits = judged.lm.hf(torch.tensor([judged.prompts[False][place]])).logits[0, -1]
    true, false = logits.softmax(-1)[list(judged.words)].tolist()
    return true - false


def test_every_quantity_that_is_promised_is_measured_and_no_other(
    run: Run, random_lm: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(truth, "is_gap", lambda _found: True)
    assert names(made(TASK).produces()) == quantities(run(random_lm, TASK))


def test_a_model_that_answers_to_both_alike_is_not_steered(
    run: Run, random_lm: LanguageModel
) -> None:
    """A random model has no gap to be moved; the test above is the untreated case."""
    (gap,) = run(random_lm, TASK)
    assert gap.metric == "truth_gap"
    assert not truth.is_gap(gap)
