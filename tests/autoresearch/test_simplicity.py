"""What makes a recipe weigh less."""

from harness.autoresearch.knobs import with_values
from harness.autoresearch.simplicity import is_simpler, weight
from tests.autoresearch.knob_recipes import CODE, KNOBS, TOY, toy


def test_the_start_weighs_its_statements() -> None:
    # import; train and its two statements; encode and its one.
    assert weight(TOY, TOY) == 6


def test_a_knob_that_is_moved_weighs_one_and_one_without_effect_nothing() -> None:
    moved = toy(with_values(KNOBS, {"learning_rate": 0.002, "refine_size": 0.1}))
    assert weight(moved, TOY) == 7
    assert is_simpler(TOY, moved, TOY)
    assert not is_simpler(moved, TOY, TOY)


def test_a_new_knob_weighs_one() -> None:
    assert weight(toy(KNOBS + "tilt: {value: 0.1, low: 0.0, high: 1.0}\n"), TOY) == 7


def test_words_and_the_breaking_of_lines_weigh_nothing() -> None:
    worded = CODE.replace("    weight", '    """Words."""\n\n    # More.\n    weight')
    assert weight(toy(code=worded), TOY) == 6
    broken = CODE.replace('{"W_dec": weight}', '{\n        "W_dec": weight,\n    }')
    assert weight(toy(code=broken), TOY) == 6


def test_statements_on_one_line_weigh_as_many_as_they_are() -> None:
    joined = CODE.replace("\n    return {", "; return {")
    assert joined != CODE
    assert weight(toy(code=joined), TOY) == 6
    assert weight(toy(code=CODE + "a = 1; b = 2\n"), TOY) == 8


def test_equal_weights_are_not_simpler() -> None:
    assert not is_simpler(TOY, toy(code=CODE + "# words\n"), TOY)


def test_a_recipe_that_is_run_from_a_text_weighs_what_the_text_is_long() -> None:
    body = "\n".join(f"value_{n} = compute(value_{n}, other_{n}, third_{n})" for n in range(40))
    hidden = toy(code=CODE + f"exec({body!r})\n")
    assert weight(hidden, TOY) > 6 + len(body) // 100
