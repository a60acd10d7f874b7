"""A cross-layer transcoder trained on a store, written and measured."""

import time
from collections.abc import Callable
from pathlib import Path

from harness.specs.transcoders import TranscoderRecipe
from harness.transcoders.cross_layer_files import layer_sha256, write_cross_layer
from harness.transcoders.cross_layer_training import train_cross_layer
from harness.transcoders.evaluation import measure_cross_layer
from harness.transcoders.manifest import LayerReport
from harness.transcoders.probe import write_probe
from harness.transcoders.store import Store

CHECKPOINT = "cross_layer_training.safetensors"


def cross_layer_reports(
    recipe: TranscoderRecipe,
    stores: tuple[Store, Store],
    aside: Path,
    progress: Callable[[str, int, int], None],
) -> tuple[LayerReport, ...]:
    """Every layer's report; the files lie in `aside`. Goes on after the last epoch kept there.

    The seconds of a layer are its share of the time, for all are trained at once.
    """
    began = time.perf_counter()
    train, heldout = stores
    transcoder = train_cross_layer(
        train.all_pairs(), recipe, aside / CHECKPOINT, lambda d, t: progress("training", d, t)
    )
    unseen = heldout.all_pairs()
    write_cross_layer(aside, transcoder)
    probes = [write_probe(aside, layer, each.x) for layer, each in enumerate(unseen)]
    found = measure_cross_layer(transcoder, unseen)
    seconds = round((time.perf_counter() - began) / len(found), 1)
    return tuple(
        LayerReport(
            layer=layer,
            sha256=layer_sha256(aside, layer),
            fvu=quality.fvu,
            l0=quality.l0,
            alive_fraction=quality.alive_fraction,
            probe_l0=transcoder.l0(layer, probe),
            seconds=seconds,
        )
        for layer, (quality, probe) in enumerate(zip(found, probes, strict=True))
    )
