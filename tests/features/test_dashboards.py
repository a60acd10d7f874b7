from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from harness.features.corpus import Corpus, corpus_of
from harness.features.details import Example, FeatureDetails
from harness.features.token_texts import TokenTexts
from harness.models.language_model import LanguageModel
from tests.features.conftest import CONSTANT, ON_Q, ON_Q_OR_Z, SILENT, TEXTS

Look = Callable[..., list[FeatureDetails]]


def _examples(feature: FeatureDetails) -> list[Example]:
    return [each for band in feature.examples_quantiles for each in band.examples]


def test_a_feature_of_one_token_is_found_with_its_examples(look: Look, corpus: Corpus) -> None:
    (found,) = look(corpus, ON_Q)
    distinct = set(TEXTS)
    assert found.active_tokens == sum(text.count("q") for text in distinct) == 5
    assert found.activation_frequency == 5 / sum(map(len, distinct))
    assert {"".join(each.tokens) for each in _examples(found)} == {
        text for text in distinct if "q" in text
    }
    for each in _examples(found):
        assert each.tokens[each.train_token_ind] == "q"
        fires = [value > 0 for value in each.tokens_acts_list]
        assert fires == [token == "q" for token in each.tokens]
        assert max(each.tokens_acts_list) == pytest.approx(0.1, abs=1e-4)


def test_a_feature_that_never_fires_has_no_example_and_no_extreme(
    look: Look, corpus: Corpus
) -> None:
    (found,) = look(corpus, SILENT)
    assert found.examples_quantiles == found.histogram == found.quantile_values == ()
    assert (found.act_min, found.act_max, found.maxActApprox) == (None, None, None)
    assert (found.activation_frequency, found.active_tokens) == (0, 0)
    assert "act_min" not in found.to_json()


def test_the_first_position_of_a_window_does_not_count(look: Look, lm: LanguageModel) -> None:
    q, a = lm.tokenizer.encode("qa", add_special_tokens=False)
    begins = Corpus("ids", 8, ((q, a), (a, q)), (1, 1))
    (found,) = look(begins, ON_Q)
    assert (found.active_tokens, found.source.tokens) == (1, 2)


def test_a_text_that_the_corpus_repeats_is_counted_once_and_marked(
    look: Look, lm: LanguageModel
) -> None:
    repeated = corpus_of(lm, "letters", ["aq", "bq", "aq"], context=8)
    (found,) = look(repeated, ON_Q)
    marks = {"".join(each.tokens): each.is_repeated_datapoint for each in _examples(found)}
    assert marks == {"aq": True, "bq": False}
    assert found.active_tokens == 2


def test_no_window_stands_twice_and_bands_fall(look: Look, lm: LanguageModel) -> None:
    texts = [f"{number:03d} is a number" for number in range(200)]
    many = corpus_of(lm, "letters", texts, context=32)
    (found,) = look(many, 5, layer=1)
    shown = ["".join(each.tokens) for each in _examples(found)]
    assert len(shown) == len(set(shown)) > 20
    names = [band.quantile_name for band in found.examples_quantiles]
    assert names[0] == "Top activations"
    assert names[1:] == [f"Peak percentile {low}–{low + 25}" for low in (75, 50, 25, 0)]
    peaks = [
        [each.tokens_acts_list[each.train_token_ind] for each in band.examples]
        for band in found.examples_quantiles
    ]
    assert found.act_max == peaks[0][0]
    for higher, lower in pairwise(peaks):
        assert min(higher) >= max(lower)
        assert higher == sorted(higher, reverse=True)


def test_histogram_and_percentiles_describe_all_activations(look: Look, corpus: Corpus) -> None:
    for found in look(corpus, layer=1):
        if not found.active_tokens:
            continue
        assert sum(found.histogram) == pytest.approx(found.active_tokens, rel=1e-5)
        assert found.sampled_tokens == found.active_tokens
        assert found.quantile_values[-1] == found.act_max
        assert list(found.quantile_values) == sorted(found.quantile_values)
        middle = np.interp(0.5, [0, 1], [found.act_min, found.act_max])
        bars = found.freq_hist_data_bar_values
        assert np.mean(bars) == pytest.approx(middle, rel=1e-4)


def test_one_value_alone_has_a_histogram_too(look: Look, corpus: Corpus) -> None:
    (found,) = look(corpus, CONSTANT)
    assert (found.act_min, found.act_max) == (1, 1)
    assert sum(found.histogram) == found.source.tokens


def test_the_decoder_row_names_the_tokens_it_raises(
    look: Look, corpus: Corpus, lm: LanguageModel
) -> None:
    (found,) = look(corpus, ON_Q_OR_Z)
    weight = lm.hf.get_output_embeddings().weight
    from tests.features.conftest import _planted

    moved = weight @ _planted(lm).W_dec[ON_Q_OR_Z]
    order = moved.argsort(descending=True)
    assert found.top_logits == found.pos_str
    assert found.top_logits[0] == lm.tokenizer.decode([int(order[0])])
    assert found.bottom_logits[0] == lm.tokenizer.decode([int(order[-1])])
    assert found.pos_values[0] == pytest.approx(float(moved.max()), rel=1e-4)
    assert found.neg_values[0] == pytest.approx(float(moved.min()), rel=1e-4)


def test_a_folder_is_named_without_where_it_lies(look: Look, corpus: Corpus) -> None:
    (found,) = look(corpus, ON_Q)
    assert found.source.transcoders == "planted"
    assert found.transcoder_id == "planted/layer_0"
    assert found.source.model == "tiny-llama"
    assert "/somewhere" not in found.to_json()


def test_words_without_spaces_between_them_get_those_of_the_text(lm: LanguageModel) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    words = Tokenizer(models.WordLevel({"the": 0, "end": 1, "?": 2}, unk_token="?"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    wordy = replace(lm, tokenizer=PreTrainedTokenizerFast(tokenizer_object=words))
    assert TokenTexts(wordy).passage([0, 1]) == ("the", " end")
    letters = lm.tokenizer.encode("the end", add_special_tokens=False)
    assert "".join(TokenTexts(lm).passage(letters)) == "the end"
