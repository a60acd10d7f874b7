"""Activation patching of the residual stream on IOI, against TransformerLens and InterpKit.

    .venv/bin/python -m benchmarks.patching [--json] [--pairs N] [--layers N] [--interpkit FOLDER]

Every layer and every place of one wording whose two prompts differ in the second mention of the
subject. Ours is the whole sweep. TransformerLens's `get_act_patch_resid_pre` costs the same for
every cell, so it is timed on `--layers` layers, every place, and scaled up; so is InterpKit's
`trace(mode="position")`, which takes one pair, on one pair. InterpKit is no dependency:
`--interpkit` names the folder that `pip install --no-deps --target FOLDER interpkit rich-gradient
rich-color-ext loguru` filled. max|Δ| compares the cells that both computed.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor

from harness.data import ioi
from harness.models.device import describe_device
from harness.models.language_model import LanguageModel, load_model
from harness.models.patching import Pairs, patch_map
from harness.models.prompts import encode_pairs, single_token

MODEL = "smollm2-135m-instruct"


class Timed(NamedTuple):
    """One way, measured on some cells."""

    way: str
    seconds: float
    cells: int
    """Layer × place × pair."""
    difference: Tensor | None
    """Patched logit differences [layer, place, pair] of the layers that it computed."""


def ioi_pairs(lm: LanguageModel, size: int) -> Pairs:
    """Pairs of one wording, swapped subject."""
    made = ioi.generate(
        size=size, seed=0, single=single_token(lm), corruption="swapped", templates=1, order="ABBA"
    )
    (found,) = encode_pairs(lm, made.contrasts)
    return Pairs(found.clean, found.corrupted, found.answers, found.foils)


def ours(lm: LanguageModel, pairs: Pairs) -> Timed:
    """The whole sweep."""
    seconds, found = _time(lambda: patch_map(lm, pairs, "resid_pre"))
    return Timed("ours", seconds, found.patched.numel(), found.patched)


def transformer_lens(lm: LanguageModel, pairs: Pairs, layers: list[int]) -> Timed:
    """`generic_activation_patch` over the given layers and every place."""
    from transformer_lens import patching

    from tests.models.lens import hooked_transformer

    lens = hooked_transformer(lm)
    _, cache = lens.run_with_cache(
        pairs.clean, names_filter=lambda name: name.endswith("resid_pre")
    )
    found: list[Tensor] = []

    def metric(logits: Tensor) -> Tensor:
        last = logits[:, -1]
        found.append(last.gather(1, pairs.answers)[:, 0] - last.gather(1, pairs.foils)[:, 0])
        return found[-1].mean()

    places = range(pairs.clean.shape[1])
    index = [[layer, place] for layer in layers for place in places]

    def run() -> None:
        import pandas as pd

        patching.generic_activation_patch(
            lens,
            pairs.corrupted,
            cache,
            metric,
            patch_setter=patching.layer_pos_patch_setter,
            activation_name="resid_pre",
            index_df=pd.DataFrame(index, columns=["layer", "pos"]),
        )

    with torch.inference_mode():
        seconds, _ = _time(run)
    shape = (len(layers), len(places), len(pairs.clean))
    return Timed(
        "transformer_lens", seconds, torch.Size(shape).numel(), torch.stack(found).view(shape)
    )


def interpkit(lm: LanguageModel, pairs: Pairs, folder: str) -> Timed:
    """`trace(mode="position")` of one pair."""
    sys.path.append(folder)
    import interpkit as kit  # pyright: ignore[reportMissingImports]

    model = kit.load(lm.hf, tokenizer=lm.tokenizer, device="cpu")
    texts = [lm.tokenizer.decode(row[0, 1:]) for row in (pairs.clean, pairs.corrupted)]
    seconds, _ = _time(lambda: model.trace(*texts, mode="position"))
    return Timed("interpkit", seconds, lm.n_layers * pairs.clean.shape[1], None)


def _time(run: Callable[[], object]) -> tuple[float, Any]:
    started = time.perf_counter()
    found = run()
    return time.perf_counter() - started, found


def main() -> None:
    """Print the table, or JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--pairs", type=int, default=50)
    parser.add_argument("--layers", type=int, default=3, help="layers that the others are timed on")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--interpkit", help="folder that InterpKit was installed in")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    lm = load_model(MODEL, device="cpu")
    pairs = ioi_pairs(lm, given.pairs)
    lm.hf(pairs.clean[:1])
    layers = [round(i * (lm.n_layers - 1) / max(given.layers - 1, 1)) for i in range(given.layers)]
    ways = [ours(lm, pairs), transformer_lens(lm, pairs, layers)]
    if given.interpkit:
        ways.append(interpkit(lm, pairs, given.interpkit))
    rows = [_row(each, ways[0], layers) for each in ways]
    if given.json:
        machine = {"device": describe_device("cpu").name, "torch": torch.__version__}
        print(json.dumps({**machine, "threads": given.threads, "rows": rows}, indent=2))
        return
    for row in rows:
        print("  ".join(f"{key} {value}" for key, value in row.items()))


def _row(each: Timed, first: Timed, layers: list[int]) -> dict[str, str | float | None]:
    """Its time, and what the whole sweep takes at that rate, against ours."""
    whole = each.seconds * first.cells / each.cells
    off = None
    if each.difference is not None and each is not first and first.difference is not None:
        off = float((each.difference - first.difference[layers]).abs().max())
    return {
        "way": each.way,
        "seconds": round(each.seconds, 1),
        "cells": each.cells,
        "seconds_for_the_sweep": round(whole, 1),
        "times_slower": round(whole / first.seconds, 1),
        "max_difference": off,
    }


if __name__ == "__main__":
    main()
