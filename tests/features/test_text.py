import pytest

from harness.features.details import Example
from harness.features.page.text import glimpse, number, passage, share, signed, token


def _example(peak: int = 1) -> Example:
    return Example(
        tokens=("<a>", " fox", "\n", "runs"),
        tokens_acts_list=(0.0, 2.0, 0.5, -1.0),
        train_token_ind=peak,
        is_repeated_datapoint=False,
    )


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "—"), (0.36, "0.360"), (-4.9, "−4.90"), (1234.4, "1,234"), (0.000123, "0.000123")],
)
def test_numbers_have_three_digits_or_are_a_dash(value: float | None, shown: str) -> None:
    assert number(value) == shown


def test_a_share_of_nothing_is_0_and_a_small_one_is_not() -> None:
    assert (share(0), share(1e-5), share(1)) == ("0 %", "0.00100 %", "100 %")


def test_what_does_not_correlate_is_told_from_what_cannot() -> None:
    assert (signed(0.0), signed(None), signed(-0.5)) == ("+0.000", "—", "−0.500")


def test_white_space_that_would_not_be_seen_has_a_sign() -> None:
    assert (token("\n\t"), token(""), token("<")) == ("↵⇥", "∅", "&lt;")


def test_marks_hold_words_without_the_space_before_them() -> None:
    assert passage(_example(), 2.0) == (
        '&lt;a&gt; <span class="a9 peak" title="2.00">fox</span>'
        '<span class="a2" title="0.500">↵</span>'
        '<span class="a0" title="−1.00">runs</span>'
    )


def test_a_peak_is_marked_wherever_it_stands() -> None:
    assert passage(_example(0), 2.0).startswith('<span class="a0 peak" title="0.00">&lt;a&gt;')


@pytest.mark.parametrize("peak", [0, 30, 59])
def test_a_glimpse_holds_the_peak_and_says_where_it_is_cut(peak: int) -> None:
    long = Example(
        tokens=("w ",) * 60,
        tokens_acts_list=tuple(float(place == peak) for place in range(60)),
        train_token_ind=peak,
        is_repeated_datapoint=False,
    )
    shown = glimpse(long, 1.0)
    assert "a9 peak" in shown
    assert (shown.startswith("…"), shown.endswith("…")) == (peak > 0, peak < 59)
    assert shown.count("w") < 40 < passage(long, 1.0).count("w")
