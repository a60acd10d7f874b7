"""`harness transcoders`: sets trained, listed, measured anew and taken over from other tools."""

from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from harness.cli.picture import Device
from harness.cli.show import JsonFlag, bars, emit, relative, table

if TYPE_CHECKING:
    from harness.models.language_model import LanguageModel
    from harness.specs.transcoders import TextSource
    from harness.transcoders.recipes import Listed
    from harness.transcoders.remeasure import LayerQuality, Remeasured
    from harness.transcoders.sets import CrossLayerSet, TranscoderSet

app = typer.Typer(
    name="transcoders",
    help="Train, list, measure and import sets of transcoders.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
_MIB = 2**20
_FRESH = 20_000
Rows = list[dict[str, object]]


@app.command("list")
def list_sets(as_json: JsonFlag = False) -> None:
    """List the recipes that have a name, and which of them are trained on this machine."""
    from harness.transcoders.recipes import list_recipes

    found = list_recipes()
    content = [each.model_dump(mode="json") for each in found]
    notes = [f"{each.recipe.id} ({each.recipe.kind}): {each.recipe.note}" for each in found]
    emit(content, as_json, lambda: _show([_listed(each) for each in found], *notes))


@app.command()
def train(
    name: Annotated[
        str, typer.Argument(help="A recipe of `harness transcoders list`, or a YAML file with one.")
    ],
    device: Device = "auto",
    as_json: JsonFlag = False,
) -> None:
    """Train a set, or go on where an earlier call was stopped.

    The model runs once over the corpus; all else is trained from disk. FVU is the squared error
    over the variance on held-out tokens: 1 is what the mean alone gives.
    """
    began = perf_counter()
    from harness.transcoders.recipes import find_recipe

    recipe = find_recipe(name)
    from harness.transcoders.build import build_set
    from harness.transcoders.sets import read_set

    with bars(quiet=as_json) as progress:
        folder = build_set(recipe, device=device, progress=progress)
    manifest = read_set(folder, recipe.id).manifest
    assert manifest is not None, folder
    content = {
        "folder": relative(folder),
        "ref": f"path:{relative(folder)}",
        "seconds": round(perf_counter() - began, 1),
        "manifest": manifest.model_dump(mode="json"),
    }
    rows: Rows = [
        {
            "layer": each.layer,
            "FVU": f"{each.fvu:.3f}",
            "L0": f"{each.l0:.1f}",
            "alive": f"{each.alive_fraction:.1%}",
            "seconds": f"{each.seconds:.1f}",
        }
        for each in manifest.layers
    ]
    emit(content, as_json, lambda: _show(rows, f"path:{relative(folder)}"))


@app.command("eval")
def evaluate(
    ref: Annotated[
        str, typer.Argument(help="A recipe's name, hf:ORG/NAME[@revision] or path:DIRECTORY.")
    ],
    tokens: Annotated[
        int | None,
        typer.Option(
            min=1, help=f"About so many.  [default: all that were held out; {_FRESH:,} of --text]"
        ),
    ] = None,
    text: Annotated[
        str | None,
        typer.Option(
            help="package_text, statements, samples, facts or hf:ORG/NAME, instead of what was "
            "held out."
        ),
    ] = None,
    device: Device = "auto",
    as_json: JsonFlag = False,
) -> None:
    """Measure a set anew: FVU, L0 and living latents of each layer, beside what was saved."""
    began = perf_counter()
    source = None if text is None else _source(text)
    from harness.transcoders.sets import load_set

    with bars(quiet=as_json) as progress:
        loaded = load_set(ref, device=device, progress=progress)
        from harness.models.language_model import load_model
        from harness.transcoders.remeasure import heldout_text, named_text, remeasure

        lm = load_model(loaded.model, device=device)
        if source is None:
            chosen = heldout_text(loaded, lm, tokens, progress)
        else:
            chosen = named_text(loaded, lm, source, tokens or _FRESH, progress)
        found = remeasure(loaded, lm, chosen, progress)
    _deliver(_Answer(found, loaded, lm, began), as_json=as_json)


@app.command("import")
def import_set(
    folder: Annotated[
        Path, typer.Argument(help="A checkpoint of EleutherAI's sparsify: layers.N.mlp/…")
    ],
    model: Annotated[str, typer.Option(help="Of which language model: a name, hf: or path:.")],
    output: Annotated[Path, typer.Option(help="A new folder for the set.")],
    as_json: JsonFlag = False,
) -> None:
    """Take over transcoders that sparsify trained, for `path:DIRECTORY` to refer to."""
    from harness.models.registry import resolve
    from harness.transcoders.importing import import_sparsify
    from harness.transcoders.sets import read_set

    target = import_sparsify(folder, output, model=resolve(model).id)
    loaded = read_set(target, f"path:{relative(target)}")
    content = {
        "ref": loaded.ref,
        "model": loaded.model,
        "layers": loaded.n_layers,
        "latents": loaded.latents,
        "k": loaded.config.k,
        "sha256": loaded.sha256,
    }
    told = f"{loaded.ref}: {loaded.n_layers} layers of {loaded.latents} latents, k {content['k']}"
    emit(content, as_json, lambda: typer.echo(told))


class _Answer(NamedTuple):
    """What was measured, on what, and since when."""

    found: "Remeasured"
    loaded: "TranscoderSet | CrossLayerSet"
    lm: "LanguageModel"
    began: float


def _deliver(answer: _Answer, *, as_json: bool) -> None:
    from harness.oneline.provenance import provenance_of

    found, seconds = answer.found, perf_counter() - answer.began
    provenance = provenance_of(answer.lm, seed=None, seconds=seconds)
    content = {
        **found.model_dump(mode="json"),
        "provenance": provenance.model_dump(mode="json"),
    }
    line = f"{found.transcoders} on {found.model}: {found.tokens:,} tokens, {found.text}"
    rows: Rows = [_measured(each) for each in found.layers]
    emit(content, as_json, lambda: _show(rows, *found.notes, f"{line} ({seconds:.1f} s)"))


def _measured(layer: "LayerQuality") -> dict[str, object]:
    return {
        "layer": layer.layer,
        "FVU": f"{layer.fvu:.3f}",
        "when saved": None if layer.saved_fvu is None else f"{layer.saved_fvu:.3f}",
        "L0": f"{layer.l0:.1f}",
        "L0 when saved": None if layer.saved_l0 is None else f"{layer.saved_l0:.1f}",
        "alive": f"{layer.alive_fraction:.1%}",
    }


def _listed(each: "Listed") -> dict[str, object]:
    recipe = each.recipe
    return {
        "recipe": recipe.id,
        "model": recipe.model,
        "latents": recipe.latents,
        "k": recipe.k,
        "state": each.state,
        "MiB": None if each.bytes is None else round(each.bytes / _MIB, 1),
    }


def _show(rows: Rows, *lines: str) -> None:
    table(rows)
    for line in lines:
        typer.echo(line)


def _source(text: str) -> "TextSource":
    """The text source of that name. Raises `HarnessError` with the valid ones."""
    from pydantic import TypeAdapter, ValidationError

    from harness.record import HarnessError
    from harness.specs.transcoders import TextSource

    try:
        return TypeAdapter(TextSource).validate_python(text)
    except ValidationError as error:
        valid = "package_text, statements, samples, facts, hf:ORG/NAME"
        raise HarnessError(f"--text {text!r}; valid: {valid}") from error
