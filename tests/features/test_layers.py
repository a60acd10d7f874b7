import numpy as np
import torch

from harness.features.chosen import Place, choose
from harness.features.comparing import Side, compare
from harness.features.corpus import Corpus
from harness.features.layers import layers_of
from harness.features.reading import read
from harness.models.language_model import LanguageModel
from harness.transcoders.cross_layer import CrossLayerTranscoder
from harness.transcoders.sets import CrossLayerSet, TranscoderSet


def _cross_layer(planted: TranscoderSet, lm: LanguageModel) -> CrossLayerSet:
    """The first three random features of each layer of the per-layer set; each writes its row to
    its own layer and twice that to all after it."""
    rows = [each.W_enc[:3] for each in planted.layers]
    transcoder = CrossLayerTranscoder(
        W_enc=torch.stack(rows),
        b_enc=torch.stack([each.b_enc[:3] for each in planted.layers]),
        W_dec=tuple(
            torch.stack([each.W_dec[:3], *[2 * each.W_dec[:3]] * (2 - layer)], dim=1)
            for layer, each in enumerate(planted.layers)
        ),
        b_dec=torch.zeros(3, lm.d_model),
        threshold=torch.tensor([0.0, 0.5, 100.0])[:, None].expand(3, 3),
    )
    return CrossLayerSet("crossing", planted.config, transcoder, "2" * 64, None)


def test_features_of_a_cross_layer_set_are_read_with_their_thresholds(
    lm: LanguageModel, planted: TranscoderSet, corpus: Corpus
) -> None:
    layers = layers_of(_cross_layer(planted, lm))
    chosen = [
        choose(each, layer, [0, 2]) for layer in range(3) for each in (layers, planted.layers)
    ]
    for seen in read(lm, corpus, chosen):
        first, plain, second, uncut, third, some = seen.activations
        assert np.allclose(first, plain, atol=1e-5)
        assert np.allclose(second, uncut * (uncut > 0.5), atol=1e-5)
        assert (second == 0).sum() > (uncut == 0).sum()
        assert not third.any()
        assert some.any()


def test_the_decoder_row_of_a_cross_layer_feature_is_all_that_it_writes(
    lm: LanguageModel, planted: TranscoderSet
) -> None:
    for layer, (crossing, plain) in enumerate(
        zip(layers_of(_cross_layer(planted, lm)), planted.layers, strict=True)
    ):
        expected = plain.W_dec[:3] * (1 + 2 * (2 - layer))
        torch.testing.assert_close(crossing.W_dec, expected)


def test_sets_of_both_kinds_are_compared(
    lm: LanguageModel, planted: TranscoderSet, corpus: Corpus
) -> None:
    left, right = Side(planted, Place(0, 0)), Side(_cross_layer(planted, lm), Place(0, 0))
    found = compare(lm, left, right, corpus)
    assert found.activation_correlation is not None
    assert found.activation_correlation > 0.999
    assert found.decoder_cosine is not None
    assert found.decoder_cosine > 0.999
    assert found.right.source.transcoders == "crossing"
