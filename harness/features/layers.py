"""The features of each layer of a set, whether they write to one layer or to many."""

from harness.transcoders.cross_layer import CrossLayerTranscoder
from harness.transcoders.sets import CrossLayerSet, TranscoderSet
from harness.transcoders.transcoder import JumpReLU, Transcoder

FeatureSet = TranscoderSet | CrossLayerSet


def layers_of(transcoders: FeatureSet) -> tuple[Transcoder, ...]:
    """Encoder and decoder row of each feature, by layer.

    The decoder row of a cross-layer feature is the sum of what it writes to all layers: that is
    what arrives in the residual stream. So `encode` holds for these, and `decode` does not.
    """
    match transcoders:
        case TranscoderSet(layers=layers):
            return layers
        case CrossLayerSet(transcoder=transcoder):
            return tuple(_layer(transcoder, layer) for layer in range(len(transcoder.W_dec)))


def _layer(transcoder: CrossLayerTranscoder, layer: int) -> Transcoder:
    return Transcoder(
        W_enc=transcoder.W_enc[layer],
        b_enc=transcoder.b_enc[layer],
        W_dec=transcoder.W_dec[layer].sum(1),
        b_dec=transcoder.b_dec[layer],
        activation=JumpReLU(transcoder.threshold[layer]),
    )
