"""Train a set from its recipe: run the model once, then train from disk, each part kept when done.

What is unfinished lies beside the finished set's place; the same call goes on there.
"""

import shutil
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from filelock import FileLock

from harness.models.language_model import LanguageModel, load_model
from harness.models.weights_hash import sha256_of_file
from harness.record import HarnessError, Record
from harness.saes.processor import keep_freed_memory
from harness.specs.transcoders import TranscoderRecipe
from harness.transcoders.corpus import Corpus, CorpusUsed, corpus_sha256, make_corpus
from harness.transcoders.cross_layer_build import CHECKPOINT, cross_layer_reports
from harness.transcoders.evaluation import measure
from harness.transcoders.files import Config, layer_file, write_config, write_layer
from harness.transcoders.manifest import LayerReport, TranscoderManifest
from harness.transcoders.places import NAME, set_folder, unfinished_folder
from harness.transcoders.probe import write_probe
from harness.transcoders.store import Store, fill
from harness.transcoders.token_file import HELDOUT, TRAIN, read_tokens, write_tokens
from harness.transcoders.training import train_topk

Progress = Callable[[str, int, int], None]
_ORIGIN = "origin.json"


class _Origin(Record):
    """What the unfinished files belong to."""

    model_sha256: str
    corpus: CorpusUsed


def build_set(
    recipe: TranscoderRecipe,
    *,
    device: str = "auto",
    progress: Progress = lambda _step, _done, _total: None,
) -> Path:
    """The folder of the trained set, trained now where it is not there."""
    target = set_folder(recipe)
    if not (target / NAME).exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{target}.lock"):
            if not (target / NAME).exists():
                _train(recipe, device, progress)
    return target


def _train(recipe: TranscoderRecipe, device: str, progress: Progress) -> None:
    aside = unfinished_folder(recipe)
    if not (aside / NAME).exists():
        lm = load_model(recipe.model, device=device)
        keep_freed_memory()
        corpus = _corpus(aside, lm, recipe, progress)
        stores = _stores(aside, lm, corpus, progress)
        if recipe.kind == "cross_layer":
            reports = cross_layer_reports(recipe, stores, aside, progress)
        else:
            told = [_part(progress, layer, lm.n_layers) for layer in range(lm.n_layers)]
            reports = tuple(
                _layer(recipe, layer, stores, aside, each) for layer, each in enumerate(told)
            )
        _finish(recipe, lm, corpus.used, reports, aside)
    _seal(aside, set_folder(recipe))


def _corpus(aside: Path, lm: LanguageModel, recipe: TranscoderRecipe, progress: Progress) -> Corpus:
    """The corpus that lies there, or one made now; a model's own samples take long to draw."""
    kept = _kept_corpus(aside, lm)
    if kept is not None:
        return kept
    corpus = make_corpus(lm, recipe, progress)
    _settle(aside, _Origin(model_sha256=lm.sha256, corpus=corpus.used))
    write_tokens(aside / TRAIN, corpus.train)
    write_tokens(aside / HELDOUT, corpus.heldout)
    return corpus


def _kept_corpus(aside: Path, lm: LanguageModel) -> Corpus | None:
    files = [aside / name for name in (_ORIGIN, TRAIN, HELDOUT)]
    if not all(path.exists() for path in files):
        return None
    origin = _Origin.load(files[0])
    train, heldout = read_tokens(files[1]), read_tokens(files[2])
    if (corpus_sha256(train, heldout), lm.sha256) != (origin.corpus.sha256, origin.model_sha256):
        return None
    return Corpus(train, heldout, origin.corpus)


def _settle(aside: Path, origin: _Origin) -> None:
    """Begin again where what lies there is of other texts or weights."""
    note = aside / _ORIGIN
    try:
        if _Origin.load(note) == origin:
            return
    except HarnessError:
        pass
    shutil.rmtree(aside, ignore_errors=True)
    origin.dump(note)


def _stores(
    aside: Path, lm: LanguageModel, corpus: Corpus, progress: Progress
) -> tuple[Store, Store]:
    train, heldout = Store(aside, "train"), Store(aside, "heldout")
    fill(heldout, lm, corpus.heldout, lambda d, t: progress("activations, held out", d, t))
    fill(train, lm, corpus.train, lambda d, t: progress("activations", d, t))
    return train, heldout


def _part(progress: Progress, layer: int, layers: int) -> Callable[[int, int], None]:
    """Steps of one layer as steps of all: one bar tells when the whole set is done."""
    return lambda done, total: progress("training", layer * total + done, layers * total)


def _layer(
    recipe: TranscoderRecipe,
    layer: int,
    stores: tuple[Store, Store],
    aside: Path,
    told: Callable[[int, int], None],
) -> LayerReport:
    """One layer's report, trained now where it is not there."""
    note = aside / f"layer_{layer}.json"
    if note.exists():
        return LayerReport.load(note)
    began = time.perf_counter()
    train, heldout = stores
    transcoder = train_topk(train.pairs(layer), recipe, layer, told)
    unseen = heldout.pairs(layer)
    write_layer(aside, layer, transcoder)
    probe = write_probe(aside, layer, unseen.x)
    found = measure(transcoder, unseen)
    report = LayerReport(
        layer=layer,
        sha256=sha256_of_file(layer_file(aside, layer)),
        fvu=found.fvu,
        l0=found.l0,
        alive_fraction=found.alive_fraction,
        probe_l0=transcoder.l0(probe),
        seconds=round(time.perf_counter() - began, 1),
    )
    report.dump(note)
    return report


def _finish(
    recipe: TranscoderRecipe,
    lm: LanguageModel,
    corpus: CorpusUsed,
    reports: tuple[LayerReport, ...],
    aside: Path,
) -> None:
    """Write the configuration, and the manifest last: with it nothing is left to be trained."""
    crossing = recipe.kind == "cross_layer"
    config = Config(
        model_name=recipe.model,
        model_kind="cross_layer_transcoder" if crossing else "transcoder_set",
        scan=recipe.id,
        activation="jump_relu" if crossing else "topk",
        k=None if crossing else recipe.k,
    )
    write_config(aside, config)
    manifest = TranscoderManifest(
        recipe=recipe,
        model_sha256=lm.sha256,
        corpus=corpus,
        layers=reports,
        packages={name: version(name) for name in ("torch", "transformers")},
        device=lm.device.type,
    )
    manifest.dump(aside / NAME)


def _seal(aside: Path, target: Path) -> None:
    """Take away what only training needed, and put the set in its place."""
    working = ("train-*.safetensors", "heldout-*.safetensors", "layer_*.json", ".*.partial")
    for path in (*(path for each in working for path in aside.glob(each)),):
        path.unlink()
    for name in (TRAIN, _ORIGIN, CHECKPOINT):
        (aside / name).unlink(missing_ok=True)
    shutil.rmtree(target, ignore_errors=True)
    aside.replace(target)
