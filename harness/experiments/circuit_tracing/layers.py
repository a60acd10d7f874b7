"""How good each layer's transcoder is, as the set's manifest has it from held-out tokens."""

from collections.abc import Iterator

from harness.measurement import Measurement
from harness.specs import CircuitTracingSpec
from harness.transcoders.sets import TranscoderSet


def layer_rows(spec: CircuitTracingSpec, transcoders: TranscoderSet) -> Iterator[Measurement]:
    """None for sets that came without a manifest."""
    if transcoders.manifest is None:
        return
    heldout = transcoders.manifest.corpus.heldout_tokens
    for layer in transcoders.manifest.layers:
        for metric, value, n in (
            ("transcoder_fvu", layer.fvu, heldout),
            ("transcoder_l0", layer.l0, heldout),
            ("transcoder_alive_fraction", layer.alive_fraction, transcoders.latents),
        ):
            yield Measurement(
                experiment=spec.id,
                metric=metric,
                value=value,
                n=n,
                seed=spec.seeds[0],
                conditions=spec.base(layer=layer.layer),
            )
