from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from harness.features.agreement import correlation, cosine
from harness.features.chosen import Place
from harness.features.comparing import FeatureComparison, Side, compare
from harness.features.corpus import Corpus
from harness.models.language_model import LanguageModel
from harness.record import HarnessError
from harness.transcoders.sets import TranscoderSet
from tests.features.conftest import CONSTANT, ON_Q, ON_Q_OR_Z, SILENT, TWIN

Pair = Callable[[int, int], FeatureComparison]
TRACES = arrays(np.float32, 12, elements=st.floats(0, 8, width=32))


@pytest.fixture(scope="module")
def pair(lm: LanguageModel, planted: TranscoderSet, corpus: Corpus) -> Pair:
    return lambda left, right: compare(
        lm, Side(planted, Place(0, left)), Side(planted, Place(0, right)), corpus
    )


def test_a_feature_and_its_twin_of_twice_the_strength_correlate_wholly(pair: Pair) -> None:
    found = pair(ON_Q, TWIN)
    assert found.activation_correlation == pytest.approx(1)
    assert found.decoder_cosine == pytest.approx(-1)
    assert found.both_active == found.left.active_tokens == 5


def test_a_feature_that_fires_elsewhere_too_correlates_in_part(
    pair: Pair, corpus: Corpus, lm: LanguageModel
) -> None:
    found = pair(ON_Q, ON_Q_OR_Z)
    text = "".join(lm.tokenizer.decode(window[1:]) for window in corpus.windows)
    one, other = (np.array([each in letters for each in text], float) for letters in ("q", "qz"))
    assert found.activation_correlation == pytest.approx(np.corrcoef(one, other)[0, 1], abs=0.05)
    assert found.activation_correlation < 0.95
    assert abs(found.decoder_cosine or 1) < 0.9
    assert (found.left.active_tokens, found.right.active_tokens) == (5, 8)


@pytest.mark.parametrize("other", [SILENT, CONSTANT])
def test_a_feature_that_never_fires_or_always_alike_correlates_with_nothing(
    pair: Pair, other: int
) -> None:
    assert pair(ON_Q, other).activation_correlation is None
    assert pair(other, ON_Q).activation_correlation is None


def test_a_decoder_row_of_0_has_no_cosine(pair: Pair) -> None:
    assert pair(ON_Q, CONSTANT).decoder_cosine is None
    assert pair(ON_Q, SILENT).decoder_cosine == pytest.approx(1)


def test_tokens_raised_by_both_are_named(pair: Pair) -> None:
    assert len(pair(ON_Q, SILENT).shared_top_logits) == 10
    assert len(pair(ON_Q, TWIN).shared_top_logits) < 10


def test_layers_of_two_sets_are_compared_in_one_pass(
    lm: LanguageModel, planted: TranscoderSet, corpus: Corpus
) -> None:
    other = replace(planted, ref="another", layers=planted.layers[::-1])
    found = compare(lm, Side(planted, Place(1, 3)), Side(other, Place(1, 3)), corpus)
    assert found.activation_correlation == pytest.approx(1)
    assert (found.left.source.transcoders, found.right.source.transcoders) == ("planted", "another")
    elsewhere = compare(lm, Side(planted, Place(1, 3)), Side(other, Place(0, 3)), corpus)
    assert elsewhere.activation_correlation is not None
    assert elsewhere.activation_correlation < 0.99


def test_a_set_that_reads_another_place_is_refused(
    lm: LanguageModel, planted: TranscoderSet, corpus: Corpus
) -> None:
    config = planted.config.model_copy(update={"feature_input_hook": "hook_resid_mid"})
    side = Side(replace(planted, config=config), Place(0, ON_Q))
    with pytest.raises(HarnessError, match="reads 'hook_resid_mid'"):
        compare(lm, Side(planted, Place(0, ON_Q)), side, corpus)


def test_a_feature_that_is_not_there_is_refused(pair: Pair) -> None:
    with pytest.raises(HarnessError, match=r"features \[7\] do not exist"):
        pair(ON_Q, 7)


@given(left=TRACES, right=TRACES)
def test_correlation_is_that_of_numpy_and_symmetric(left: np.ndarray, right: np.ndarray) -> None:
    found = correlation(left, right)
    assert found == correlation(right, left)
    if left.std() > 1e-3 and right.std() > 1e-3:
        expected = np.corrcoef(left.astype(float), right.astype(float))[0, 1]
        assert found == pytest.approx(expected, abs=1e-6)


def test_a_value_that_rounding_blurs_does_not_vary() -> None:
    constant, other = np.full(7, 0.1, np.float32), np.arange(7, dtype=np.float32)
    assert correlation(constant, other) is None
    assert correlation(other, 2 * other) == pytest.approx(1)


def test_cosine_of_a_direction_without_length_is_none() -> None:
    assert cosine(np.zeros(3, np.float32), np.ones(3, np.float32)) is None
    assert cosine(np.ones(3, np.float32), -np.ones(3, np.float32)) == pytest.approx(-1)
