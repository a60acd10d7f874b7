"""Knobs as a file: what is read, what is refused, and how a value is set in it."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.autoresearch.knobs import (
    active,
    canonical,
    contract_problems,
    read_knobs,
    values,
    with_knobs,
    with_values,
)
from harness.record import HarnessError
from tests.autoresearch.knob_recipes import CODE, KNOBS, TASK, TOY, toy

NUMBER = "{value: 1, low: 0, high: 3"


def test_values_are_read_with_their_types() -> None:
    text = "a: {value: 1, low: 0, high: 3}\nb: {value: 1, low: 0.0, high: 3}\n"
    text += "c: {value: true, choices: [false, true]}\nd: {value: 3e-4, low: 0, high: 1}\n"
    found = values(text)
    assert found == {"a": 1, "b": 1.0, "c": True, "d": 0.0003}
    assert [type(each) for each in found.values()] == [int, float, bool, float]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: {value: 4, low: 0, high: 3}", "knobs.yaml:1: a: value: 4 lies outside of 0 to 3"),
        ("a: {value: x, choices: [y, z]}", "none of the choices: y, z"),
        ("a: {value: 1, choices: [true]}", "none of the choices: true"),
        ("\na: {value: 1, lo: 0, high: 3}", "knobs.yaml:2: a.lo: unknown key 'lo'; did you mean"),
        ("a: {value: 1}", "low and high, or choices"),
        ("a: {value: x, low: 0, high: 3}", "a number"),
        ("a: {value: .nan, low: 0, high: 3}", "a number"),
        ("a: {value: 1, low: 0, high: .inf}", "a number"),
        ("a: {value: [1, 2], low: 0, high: 3}", "a number"),
        ("a: {value: 2001-01-01, choices: [x]}", "a number"),
        (f"a: {{value: {10**400}, low: 0, high: 3}}", "a number"),
        ("a: {value: 1, low: 0, high: 3, log: true}", "has no logarithm"),
        ("a: {value: 1, low: 0, high: 3, choices: [1]}", "not together"),
        (f"a: {NUMBER}}}\nb: {NUMBER}, when: c}}", "knobs.yaml:2: b: when: 'c' is no knob"),
        (f"a: {NUMBER}, when: b}}\nb: {NUMBER}, when: a}}", "circle: a → b → a"),
        (f"a b: {NUMBER}}}", "'a b' is no name"),
        (f"class: {NUMBER}}}", "'class' is no name"),
        (f"a: &x {NUMBER}}}\nb: *x", "knobs.yaml:1: anchors and aliases"),
        (f"a: {NUMBER}}}\na: {NUMBER}}}", "duplicate key"),
        ("a: !!python/object:os.system {}", "not valid YAML"),
        ("- a", "expected a mapping"),
        ("a: " + "[" * 60_000, "knobs.yaml:1: nested too deep"),
        ("a: {value: 1, low: 0", "not valid YAML"),
        ('a: "\\q"', "not valid YAML"),
        ("a: \x00", "not valid YAML"),
        ("#" * 70_000, "longer than 64 KiB"),
        ("".join(f"k{n}: {NUMBER}}}\n" for n in range(101)), "at most 100"),
    ],
)
def test_what_is_no_knob_is_refused_with_line_and_key(text: str, told: str) -> None:
    with pytest.raises(HarnessError, match=r"^knobs\.yaml") as caught:
        read_knobs(text)
    assert told.lower() in str(caught.value).lower()


def test_setting_a_value_changes_nothing_else_in_the_text() -> None:
    new = with_values(KNOBS, {"learning_rate": 1e-4, "refine_size": 0.25, "shape": "cosine"})
    expected = (
        KNOBS.replace("{value: 0.001", "{value: 0.0001")
        .replace("value: 0.5", "value: 0.25")
        .replace("value: none", "value: cosine")
    )
    assert new == expected


def test_a_value_that_reads_as_another_kind_is_quoted() -> None:
    text = 'a: {value: "x y", choices: ["x y", "true", "1"]}\n'
    assert values(with_values(text, {"a": "true"})) == {"a": "true"}
    assert values(with_values(text, {"a": "1"})) == {"a": "1"}


def test_a_float_stays_a_float_where_it_is_set_to_a_whole_number() -> None:
    text = "a: {value: 0.5, low: 0, high: 1}\n"
    found = values(with_values(text, {"a": 1}))["a"]
    assert (found, type(found)) == (1.0, float)


@pytest.mark.parametrize(
    ("new", "told"),
    [
        ({"learning_rat": 0.1}, "did you mean 'learning_rate'"),
        ({"learning_rate": 7.0}, "lies outside"),
        ({"refine_steps": 1.5}, "no whole number"),
        ({"refine_steps": True}, "a number"),
        ({"shape": "square"}, "none of the choices"),
    ],
)
def test_a_value_that_a_knob_cannot_have_is_refused(
    new: dict[str, bool | int | float | str], told: str
) -> None:
    with pytest.raises(HarnessError, match=told):
        with_values(KNOBS, new)


def test_a_flow_mapping_is_written_anew_where_it_cannot_be_edited_by_line() -> None:
    text = "{a: {value: 1, low: 0, high: 3}, b: {value: 1.5, low: 0, high: 3}}"
    knobs = read_knobs(text)
    del knobs["a"]
    assert values(with_values(text, {"a": 2})) == {"a": 2, "b": 1.5}
    assert values(with_knobs(text, knobs)) == {"b": 1.5}


def test_a_knob_that_goes_takes_its_comment_along() -> None:
    text = f"# head\n\n# of a\na: {NUMBER}}}\n# of b\nb: {NUMBER}}}\n"
    knobs = read_knobs(text)
    del knobs["b"]
    assert with_knobs(text, knobs) == f"# head\n\n# of a\na: {NUMBER}}}\n"


words = st.text(st.characters(min_codepoint=32, max_codepoint=0x24F), max_size=12).filter(
    str.isprintable
)
numbers = st.floats(-1e9, 1e9, allow_nan=False)


@settings(max_examples=50, deadline=None)
@given(words, words, numbers, st.integers(-9, 9))
def test_what_is_set_is_what_is_read(old: str, new: str, number: float, whole: int) -> None:
    knobs = {
        "word": {"value": old, "choices": [old, new]},
        "real": {"value": 0.0, "low": -1e9, "high": 1e9},
        "whole": {"value": 0, "low": -9, "high": 9},
    }
    text = "".join(f"{name}: {json.dumps(knob)}\n" for name, knob in knobs.items())
    set_to = {"word": new, "real": number, "whole": whole}
    assert values(with_values(text, set_to)) == set_to


def test_a_knob_that_hangs_on_one_that_is_off_has_no_effect() -> None:
    assert active(read_knobs(KNOBS)) == {"learning_rate", "refine_steps", "shape"}
    on = with_values(KNOBS, {"refine_steps": 1, "shape": "linear"})
    assert active(read_knobs(on)) == {*read_knobs(KNOBS)}


def test_effect_is_lost_along_a_chain() -> None:
    chain = f"a: {{value: 0, low: 0, high: 1}}\nb: {NUMBER}, when: a}}\nc: {NUMBER}, when: b}}\n"
    assert active(read_knobs(chain)) == {"a"}
    assert active(read_knobs(with_values(chain, {"a": 1}))) == {"a", "b", "c"}


def test_candidates_that_cannot_differ_in_behaviour_are_one() -> None:
    commented = CODE.replace("    weight", "    '''Words.'''\n\n    # More words.\n    weight")
    idle = with_values(KNOBS, {"refine_size": 0.9}).replace("high: 0.1", "high: 0.2")
    assert canonical(toy(code=commented)) == canonical(TOY)
    assert canonical(toy(idle.replace("# Of the toy recipe.\n", ""))) == canonical(TOY)
    lines = sorted(line for line in KNOBS.splitlines() if line[:1].isalpha())
    assert canonical(toy("\n".join(lines[:1]))) != canonical(TOY)


def test_candidates_that_can_differ_are_two() -> None:
    others = [
        toy(with_values(KNOBS, {"learning_rate": 0.002})),
        toy(with_values(KNOBS, {"refine_steps": 1})),
        toy(code=CODE.replace("zeros", "ones")),
        toy(KNOBS.replace("value: 0, low: 0, high: 3", "value: 0, low: 0.0, high: 3")),
        toy(code="def train(:"),
        toy(knobs="- nothing"),
    ]
    assert len({canonical(each) for each in [TOY, *others]}) == 1 + len(others)


def test_a_candidate_within_the_contract_has_no_problems() -> None:
    assert contract_problems(TOY, TASK.contract) == []


@pytest.mark.parametrize(
    ("knobs", "code", "told"),
    [
        (KNOBS.replace("0.001", "0.05"), CODE, "0.05 lies outside of the contract's band"),
        (KNOBS.replace("learning_rate", "rate"), CODE, "learning_rate: missing"),
        (KNOBS, CODE.replace("def encode", "def decode"), "defines no encode"),
        (KNOBS, CODE + "a = 1\n" * 7, "13 lines of code; the contract allows 12"),
        (KNOBS, CODE + "a = 1; b = 2; c = 3; d = 4; e = 5; f = 6; g = 7\n", "13 lines of code"),
        (KNOBS, CODE + "def (", r"recipe\.py:12: not Python"),
        (KNOBS, CODE + "\0", "not Python"),
        (KNOBS, "x = " + "(" * 300 + ")" * 300, "not Python"),
        (KNOBS, "x = " + "-" * 50_000 + "1", "not Python"),
        (KNOBS, "#" * 300_000, "longer than 256 KiB"),
        ("learning_rate: 1", CODE, "learning_rate"),
    ],
)
def test_a_breach_of_the_contract_is_told(knobs: str, code: str, told: str) -> None:
    (problem,) = contract_problems(toy(knobs, code), TASK.contract)
    assert re.search(told, problem), problem


def test_comments_and_blank_lines_are_no_lines_of_code() -> None:
    assert contract_problems(toy(code=CODE + "# more\n\n" * 50), TASK.contract) == []
