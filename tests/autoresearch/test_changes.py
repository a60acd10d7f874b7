"""Changes of a candidate, one by one, and the candidate without some of them."""

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.autoresearch.candidate import Candidate
from harness.autoresearch.changes import changes, unified_diff, without
from harness.autoresearch.knobs import canonical, read_knobs, values, with_values
from tests.autoresearch.knob_recipes import CODE, KNOBS, TOY, toy

LONG = "def train(stream, contract, knobs, seed):\n" + "".join(
    f"    x{n} = {n}\n" for n in range(30)
)


def names(parent: Candidate, candidate: Candidate) -> list[str]:
    return [each.name for each in changes(parent, candidate)]


def test_equal_candidates_have_no_changes() -> None:
    assert changes(TOY, TOY) == ()


def test_each_knob_with_another_value_is_a_change() -> None:
    candidate = toy(with_values(KNOBS, {"learning_rate": 0.002, "shape": "cosine"}))
    rate, shape = changes(TOY, candidate)
    assert (rate.name, shape.name) == ("learning_rate", "shape")
    assert without(TOY, candidate, rate) == toy(with_values(KNOBS, {"shape": "cosine"}))
    assert without(TOY, candidate, shape) == toy(with_values(KNOBS, {"learning_rate": 0.002}))


def test_a_knob_without_effect_on_either_side_is_no_change() -> None:
    assert names(TOY, toy(with_values(KNOBS, {"refine_size": 0.1}))) == []
    both = with_values(KNOBS, {"refine_size": 0.1, "refine_steps": 1})
    assert names(TOY, toy(both)) == ["refine_steps", "refine_size"]


def test_a_switch_alone_is_one_change_though_it_wakes_another_knob() -> None:
    assert names(TOY, toy(with_values(KNOBS, {"refine_steps": 1}))) == ["refine_steps"]


def test_ranges_and_comments_are_no_changes() -> None:
    assert names(TOY, toy(KNOBS.replace("high: 0.1,", "high: 0.2,"))) == []
    assert names(TOY, toy(code=CODE.replace("# Adam would do better.", "# Words."))) == []


def test_a_value_comes_back_with_its_range() -> None:
    wider = KNOBS.replace("value: 0, low: 0, high: 3", "value: 9, low: 8, high: 10")
    candidate = toy(with_values(wider, {"learning_rate": 0.002}))
    steps = next(each for each in changes(TOY, candidate) if each.name == "refine_steps")
    left = read_knobs(without(TOY, candidate, steps).knobs)["refine_steps"]
    assert (left.value, left.low, left.high) == (0, 0, 3)


def test_places_in_the_code_far_apart_are_two_changes() -> None:
    edited = LONG.replace("x3 = 3\n", "x3 = 4\n").replace("x20 = 20\n", "x20 = 21\n    y = 1\n")
    parent, candidate = toy(code=LONG), toy(code=edited)
    first, second = changes(parent, candidate)
    assert [first.name, second.name] == ["recipe.py line 5", "recipe.py lines 22-23"]
    assert without(parent, candidate, first).code == edited.replace("x3 = 4", "x3 = 3")
    assert without(parent, candidate, second).code == LONG.replace("x3 = 3", "x3 = 4")


def test_places_near_each_other_are_one_change() -> None:
    edited = LONG.replace("x3 = 3\n", "x3 = 4\n").replace("x7 = 7\n", "x7 = 8\n")
    assert names(toy(code=LONG), toy(code=edited)) == ["recipe.py lines 5-9"]


def test_code_that_goes_away_is_named_by_the_parents_lines() -> None:
    edited = LONG.replace("    x3 = 3\n    x4 = 4\n", "")
    assert names(toy(code=LONG), toy(code=edited)) == ["recipe.py lines 5-6 of the parent"]


def test_a_new_knob_belongs_to_the_places_that_name_it() -> None:
    used = LONG.replace("x3 = 3", 'x3 = knobs["tilt"]').replace("x20 = 20", 'x20 = knobs["tilt"]')
    used = used.replace("x11 = 11", "x11 = 12")
    tilted = KNOBS + "tilt: {value: 0.1, low: 0.0, high: 1.0}\n"
    parent, candidate = toy(code=LONG), toy(tilted, used)
    first, second = changes(parent, candidate)
    assert first.name == "recipe.py line 5, line 22 (tilt)"
    assert second.name == "recipe.py line 13"
    left = without(parent, candidate, first)
    assert (left.code, left.knobs) == (LONG.replace("x11 = 11", "x11 = 12"), KNOBS)


def test_a_new_knob_that_no_code_names_is_a_change_of_its_own() -> None:
    tilted = KNOBS + "tilt: {value: 0.1, low: 0.0, high: 1.0}\n"
    (change,) = changes(TOY, toy(tilted))
    assert change.name == "tilt"
    assert without(TOY, toy(tilted), change) == TOY


def test_a_knob_that_hung_on_one_that_goes_hangs_on_nothing() -> None:
    more = "on: {value: 1, low: 0, high: 1}\nsize: {value: 2, low: 0, high: 3, when: on}\n"
    candidate = toy(KNOBS + more)
    switch = next(each for each in changes(TOY, candidate) if each.name == "on")
    left = read_knobs(without(TOY, candidate, switch).knobs)
    assert "on" not in left and left["size"].when is None


def test_a_change_named_before_another_was_taken_back_is_found_again() -> None:
    edited = LONG.replace("x3 = 3\n", "x3 = 4\n    y = 1\n").replace("x20 = 20", "x20 = 21")
    parent, candidate = toy(code=LONG), toy(code=edited)
    first, second = changes(parent, candidate)
    once = without(parent, candidate, first)
    assert second not in changes(parent, once)  # two lines up by now
    assert without(parent, once, second) == parent
    assert without(parent, once, first) == once


def test_the_diff_shows_both_files() -> None:
    candidate = toy(with_values(KNOBS, {"learning_rate": 0.002}), CODE.replace("zeros", "ones"))
    diff = unified_diff(TOY, candidate)
    assert "--- a/recipe.py" in diff and "+    weight = torch.ones(" in diff
    assert "-learning_rate: {value: 0.001" in diff and "+learning_rate: {value: 0.002" in diff
    assert unified_diff(TOY, TOY) == ""


def test_texts_that_are_made_to_be_slow_are_compared_in_a_moment() -> None:
    blank, other = toy(code="\n" * 200_000), toy(code="\n\n#\n" * 60_000)
    assert unified_diff(blank, other) == "recipe.py: differs; longer than 2000 lines"
    assert changes(blank, other) == ()


lines = st.lists(st.sampled_from(["a = 1", "b = 2", "b = knobs['n']", "", "# c", "d"]), max_size=24)
knob = st.tuples(
    st.integers(0, 2), st.sampled_from([None, None, "m", "n", "o", "p"]), st.booleans()
)


@st.composite
def candidates(draw: st.DrawFn) -> Candidate:
    """Code of few lines, knobs of few values that hang on each other without circles."""
    text, known = "", list[str]()
    for name in draw(st.permutations(["m", "n", "o", "p"])):
        value, when, is_there = draw(knob)
        if is_there:
            hangs = f", when: {when}" if when in known else ""
            text += f"{name}: {{value: {value}, low: 0, high: 2{hangs}}}\n"
            known.append(name)
    return Candidate(code="\n".join(draw(lines)), knobs=text)


@settings(max_examples=50, deadline=None)
@given(candidates(), candidates())
def test_without_all_changes_it_is_the_parent(parent: Candidate, candidate: Candidate) -> None:
    assert canonical(without(parent, candidate, *changes(parent, candidate))) == canonical(parent)


@settings(max_examples=50, deadline=None)
@given(candidates(), candidates())
def test_taking_back_what_there_is_ends_at_the_parent(
    parent: Candidate, candidate: Candidate
) -> None:
    left = candidate
    for _ in range(60):
        found = changes(parent, left)
        if not found:
            break
        left = without(parent, left, found[0])
    assert canonical(left) == canonical(parent)


@settings(max_examples=50, deadline=None)
@given(candidates(), candidates())
def test_every_candidate_without_a_change_can_be_read(
    parent: Candidate, candidate: Candidate
) -> None:
    for change in changes(parent, candidate):
        left = without(parent, candidate, change)
        assert values(left.knobs).keys() <= {"m", "n", "o", "p"}
        assert change not in changes(parent, left)
