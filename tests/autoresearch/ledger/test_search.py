import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.autoresearch.ledger.alike import is_diff, likeness
from harness.autoresearch.ledger.search import NEAR, Hit, nearest, search, similar
from harness.autoresearch.ledger.words import words
from harness.autoresearch.proposers.proposer import Remembered
from tests.autoresearch.ledger.events import knobs_diff

ANNEAL = """\
--- recipe.py
+++ recipe.py
@@ -10,3 +10,4 @@
     for step in range(steps):
-        k = contract.target_l0
+        share = min(1.0, step / warm)
+        k = start + (contract.target_l0 - start) * share
         top = pre.topk(k)
"""
WIDER = """\
--- recipe.py
+++ recipe.py
@@ -30,2 +30,2 @@
-    hidden = torch.relu(x @ encoder)
+    hidden = torch.relu(x @ encoder + bias)
"""
BLOCKS = """\
--- knobs.yaml
+++ knobs.yaml
@@ -1,8 +1,8 @@
 learning_rate:
-  value: 0.001
+  value: 0.003
   low: 0.0001
 k:
-  value: 20
+  value: 30
   low: 1
"""


def trial(number: int, title: str, diff: str = "", reason: str = "") -> Remembered:
    return Remembered(
        trial=number,
        title=title,
        reason=reason,
        outcome="rejected",
        why="not better",
        diff=diff,
        values={},
        score=None,
        gain=None,
    )


MEMORY = (
    trial(1, "anneal k", ANNEAL, "sparse late, dense early"),
    trial(2, "a bias", WIDER, "units rest at zero"),
    trial(3, "higher rate", knobs_diff(learning_rate=0.003), "it converges slowly"),
    trial(4, "both higher", BLOCKS, "together"),
)


def numbers(hits: list[Hit]) -> list[int]:
    return [hit.trial.trial for hit in hits]


def test_words_are_found_in_title_reason_and_diff() -> None:
    assert numbers(search(MEMORY, "anneal")) == [1]
    assert numbers(search(MEMORY, "CONVERGES")) == [3]
    assert numbers(search(MEMORY, "relu")) == [2]
    assert search(MEMORY, "dropout") == search(MEMORY, "") == search((), "anneal") == []


def test_a_name_is_found_whole_and_by_its_parts() -> None:
    assert set(words("Learning_Rate 1e-3, 0.25")) == {
        *("learning_rate", "learning", "rate", "1e-3", "0.25"),
    }
    assert set(numbers(search(MEMORY, "learning_rate"))) == {3, 4}
    assert set(numbers(search(MEMORY, "learning"))) == {3, 4}


def test_a_rare_word_counts_more_than_one_that_all_have() -> None:
    memory = [trial(n, "rate rate rate") for n in range(1, 6)] + [trial(6, "rate warmup")]
    assert numbers(search(memory, "warmup rate"))[0] == 6


def test_of_equal_trials_the_latest_comes_first() -> None:
    assert numbers(search([trial(n, "same") for n in (1, 2, 3)], "same")) == [3, 2, 1]


def test_scores_are_okapis() -> None:
    """By hand: 2 documents of 5 words ("not better" is in both), one of which has "a" twice."""
    first, second = trial(1, "a a b"), trial(2, "c d e")
    (hit,) = search((first, second), "a")
    rarity = 0.6931472  # ln(1 + 1.5 / 1.5)
    assert hit.score == pytest.approx(rarity * 2 * 2.2 / (2 + 1.2))


@pytest.mark.parametrize("diff", [ANNEAL, WIDER, BLOCKS])
def test_the_same_change_is_wholly_alike(diff: str) -> None:
    assert likeness(diff, diff) == pytest.approx(1)
    found = nearest(MEMORY, diff)
    assert found is not None and found.trial.diff == diff


def test_another_place_of_the_file_changes_nothing() -> None:
    assert likeness(ANNEAL, ANNEAL.replace("@@ -10,3 +10,4 @@", "@@ -90,3 +95,4 @@")) == 1


def test_other_changes_are_not_near() -> None:
    assert likeness(ANNEAL, WIDER) < 0.2
    assert nearest(MEMORY, ANNEAL.replace("step", "batch").replace("start", "dense")) is None
    assert nearest(MEMORY, knobs_diff(l0_penalty=0.003)) is None


def test_values_are_the_less_alike_the_larger_their_ratio() -> None:
    def against(value: float | str) -> float:
        return likeness(knobs_diff(rate=0.004), knobs_diff(rate=value))

    assert against(0.004) == 1
    assert NEAR < against(0.0041) < 1
    assert against(0.004 * 2**0.5) == pytest.approx(0.5)
    assert against(0.002) == against(0.1) == against(-0.004) == against(0) == against("none") == 0


def test_the_knob_counts_and_not_the_value_alone() -> None:
    assert likeness(knobs_diff(k=20), knobs_diff(steps=20)) == 0
    one_of_two = likeness(knobs_diff(k=20), knobs_diff(k=20, steps=5))
    assert one_of_two == pytest.approx(0.5**0.5)


def test_a_knob_is_known_by_its_name_in_a_line_before() -> None:
    assert likeness(BLOCKS, knobs_diff(learning_rate=0.003, k=30)) == pytest.approx(1)
    assert likeness(BLOCKS, knobs_diff(learning_rate=30, k=0.003)) == 0


def test_a_reversal_is_not_the_change() -> None:
    head, hunk = WIDER.split("@@\n")
    back = f"{head}@@\n{hunk.translate({ord('+'): '-', ord('-'): '+'})}"
    assert likeness(WIDER, back) < NEAR
    assert likeness(knobs_diff(rate=1), knobs_diff(rate=0.1)) == 0


def test_a_constant_that_differs_in_a_long_line_is_not_near() -> None:
    def setting(value: int) -> str:
        loss = "loss = mse(a, b) + aux(c, d, {})"
        return f"@@ -1 +1 @@\n-{loss.format(32)}\n+{loss.format(value)}\n"

    assert likeness(setting(16), setting(64)) < NEAR
    assert likeness(setting(16), setting(16)) == pytest.approx(1)


def test_a_text_is_held_against_all_that_is_known() -> None:
    hits = similar(MEMORY, "dense early, sparse late", most=2)
    assert hits[0].trial.trial == 1
    assert len(hits) <= 2
    assert all(0 < hit.score <= 1 for hit in hits)
    assert nearest(MEMORY, "anneal k") is None, "only a diff is near"


def test_nothing_is_like_nothing() -> None:
    assert likeness("", "") == likeness(ANNEAL, "") == 0
    head = "--- a/knobs.yaml\n+++ b/knobs.yaml\n@@ -1 +1 @@\n k:\n"
    for ranges in ("-  low: 1\n+  low: 2\n", "-  {value: 5, low: 1}\n+  {value: 5, low: 2}\n"):
        assert likeness(head + ranges, head + ranges) == 0


def test_a_knob_that_is_gone_is_a_change() -> None:
    head = "--- a/knobs.yaml\n+++ b/knobs.yaml\n@@ -1 +0 @@\n"
    gone = head + "-k: {value: 5, low: 1}\n"
    assert likeness(gone, gone) == 1
    assert likeness(gone, head + "+k: {value: 5, low: 1}\n") == 0


CHANGED = st.lists(
    st.tuples(st.sampled_from("+- "), st.text("abk: value0.1e-_", max_size=12)), max_size=6
)


@given(CHANGED, CHANGED, st.booleans())
def test_likeness_is_symmetric_and_between_0_and_1(
    one: list[tuple[str, str]], other: list[tuple[str, str]], of_knobs: bool
) -> None:
    name = "knobs.yaml" if of_knobs else "recipe.py"
    head = f"--- {name}\n+++ {name}\n@@ -1 +1 @@\n"
    first, second = (
        head + "".join(f"{sign}{text}\n" for sign, text in lines) for lines in (one, other)
    )
    assert is_diff(first)
    assert 0 <= likeness(first, second) <= 1
    assert likeness(first, second) == pytest.approx(likeness(second, first))


@pytest.mark.parametrize("hostile", ["a" * 10**5, "_" * 10**5, "1" * 10**5, "value:" * 10**4])
def test_hostile_text_takes_no_time(hostile: str) -> None:
    diff = f"--- knobs.yaml\n+++ knobs.yaml\n@@ -1 +1 @@\n+{hostile}\n+k: {{value: {hostile}\n"
    began = time.process_time()
    assert likeness(diff, diff) == pytest.approx(1)
    search([trial(1, "hostile", diff)], hostile)
    assert time.process_time() - began < 1
