"""A loaded set measured anew: on the tokens that were held out, or on text that someone names."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch

from harness.models.language_model import LanguageModel
from harness.record import HarnessError, Record
from harness.specs.transcoders import CorpusPart, TextSource
from harness.transcoders.corpus import Reading, corpus_sha256, make_corpus, read_part
from harness.transcoders.evaluation import Tally
from harness.transcoders.manifest import LayerReport, TranscoderManifest
from harness.transcoders.sets import CrossLayerSet, TranscoderSet
from harness.transcoders.store import read_pairs
from harness.transcoders.token_file import HELDOUT, Tokens, read_tokens

Progress = Callable[[str, int, int], None]
_READ = ("mlp.hook_in",)
_WRITTEN = ("mlp.hook_out", "hook_mlp_out")
_ROWS = 1024


class LayerQuality(Record):
    """One layer, now and when it was saved."""

    layer: int
    fvu: float
    l0: float
    alive_fraction: float
    """Latents that are active on some of the tokens."""
    saved_fvu: float | None
    """Measured on all held-out tokens before the weights were saved; `None` for others' sets."""
    saved_l0: float | None


class Remeasured(Record):
    """A set measured on some tokens."""

    transcoders: str
    sha256: str
    """Of the set's weights."""
    model: str
    text: str
    """`held out`, or the source."""
    tokens: int
    """Measured on: of each sequence all but the first."""
    layers: tuple[LayerQuality, ...]
    notes: tuple[str, ...]
    """What limits the comparison with the numbers that were saved."""


class Text(NamedTuple):
    """Sequences to measure on."""

    name: str
    sequences: list[Tokens]
    notes: tuple[str, ...] = ()


Loaded = TranscoderSet | CrossLayerSet


def remeasure(loaded: Loaded, lm: LanguageModel, text: Text, progress: Progress) -> Remeasured:
    """FVU, L0 and the share of living latents of each layer.

    Raises `HarnessError` for sets that read or write elsewhere than at the MLP, and for a model
    that has other layers.
    """
    _require_match(loaded, lm)
    saved = loaded.manifest.layers if loaded.manifest else None
    tallies = [Tally() for _ in range(lm.n_layers)]
    with torch.inference_mode():
        for pairs in read_pairs(
            lm, text.sequences, lambda d, t: progress("measuring, sequences", d, t)
        ):
            for rows in torch.arange(len(pairs[0].x)).split(_ROWS):
                passed = loaded.passed([each.x[rows] for each in pairs])
                for tally, each, made in zip(tallies, pairs, passed, strict=True):
                    tally.add(each.y[rows], made.output, made.latents)
    return Remeasured(
        transcoders=loaded.ref,
        sha256=loaded.sha256,
        model=lm.ref,
        text=text.name,
        tokens=tallies[0].tokens,
        layers=tuple(
            _layer(layer, tally, saved[layer] if saved else None)
            for layer, tally in enumerate(tallies)
        ),
        notes=(*text.notes, *_weights_note(loaded, lm)),
    )


def heldout_text(loaded: Loaded, lm: LanguageModel, tokens: int | None, progress: Progress) -> Text:
    """What was held out, or about so many tokens of it; read from beside the weights, else made.

    Raises `HarnessError` for sets that others made: nobody here knows what they were trained on.
    """
    manifest = loaded.manifest
    if manifest is None:
        raise HarnessError(
            f"{loaded.ref}: what it was not trained on is not known; name a text (--text)"
        )
    kept = None if loaded.folder is None else loaded.folder / HELDOUT
    if kept is not None and kept.exists():
        return Text("held out", _some(read_tokens(kept), tokens))
    corpus = make_corpus(lm, manifest.recipe, progress)
    same = corpus_sha256(corpus.train, corpus.heldout) == manifest.corpus.sha256
    note = "the texts differ from those of the training, so some may have been trained on"
    return Text("held out", _some(corpus.heldout, tokens), () if same else (note,))


def named_text(
    loaded: Loaded, lm: LanguageModel, source: TextSource, tokens: int, progress: Progress
) -> Text:
    """So many tokens of a source. Raises `HarnessError` where it has too few."""
    manifest: TranscoderManifest | None = loaded.manifest
    recipe = manifest.recipe if manifest else None
    # Draws of another seed than the training's; what the two share is told.
    reading = Reading(recipe.window if recipe else 128, recipe.seed + 1 if recipe else 0)
    sequences = read_part(lm, CorpusPart(source=source, tokens=tokens), reading, progress)
    trained = manifest is not None and source in manifest.corpus.tokens
    note = f"the set was trained on {source} too, and some of these tokens may be among that"
    return Text(source, sequences, (note,) if trained else ())


def _some(sequences: list[Tokens], tokens: int | None) -> list[Tokens]:
    """Whole sequences, spread over all, until there are so many tokens."""
    total = sum(len(each) - 1 for each in sequences)
    if tokens is None or tokens >= total:
        return sequences
    count = max(round(len(sequences) * tokens / total), 1)
    return [sequences[at * len(sequences) // count] for at in range(count)]


def _layer(layer: int, tally: Tally, saved: LayerReport | None) -> LayerQuality:
    found = tally.quality()
    return LayerQuality(
        layer=layer,
        fvu=found.fvu,
        l0=found.l0,
        alive_fraction=found.alive_fraction,
        saved_fvu=saved.fvu if saved else None,
        saved_l0=saved.l0 if saved else None,
    )


def _weights_note(loaded: Loaded, lm: LanguageModel) -> Sequence[str]:
    if loaded.manifest is None or loaded.manifest.model_sha256 == lm.sha256:
        return ()
    return (f"{lm.ref} has other weights than the set was trained for",)


def _require_match(loaded: Loaded, lm: LanguageModel) -> None:
    config = loaded.config
    for key, found, valid in (
        ("feature_input_hook", config.feature_input_hook, _READ),
        ("feature_output_hook", config.feature_output_hook, _WRITTEN),
    ):
        if found not in valid:
            raise HarnessError(f"{loaded.ref}: {key} {found!r}; valid: {', '.join(valid)}")
    if loaded.n_layers != lm.n_layers:
        raise HarnessError(
            f"{loaded.ref}: has {loaded.n_layers} layers; {lm.ref} has {lm.n_layers}"
        )
