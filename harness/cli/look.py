"""Commands that look into a model on one prompt or pair: lens, attend, probe, patch, steer."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from harness.cli.picture import (
    Answer,
    Device,
    Dtype,
    Model,
    Output,
    deliver,
    open_model,
    picture_path,
    texts_of,
)
from harness.cli.show import JsonFlag, bars

Prompt = Annotated[str, typer.Argument(help="Text that the model reads.")]


def lens(
    model: Model,
    prompt: Prompt,
    top: Annotated[int, typer.Option(help="Tokens a layer.")] = 5,
    position: Annotated[int, typer.Option(help="Token that is read; from the end if < 0.")] = -1,
    answer: Annotated[
        str | None, typer.Option(help="A single token such as ' Paris'; else the model's own.")
    ] = None,
    device: Device = "auto",
    dtype: Dtype = "float32",
    output: Output = None,
    as_json: JsonFlag = False,
) -> None:
    """Show the next token that each layer would say: the logit lens."""
    opened = open_model(model, device, dtype)
    from harness.oneline.lens import lens as read
    from harness.oneline.views.lens import view

    found = read(opened.lm, prompt, top=top, position=position, answer=answer)
    path = output or picture_path("lens", prompt)
    deliver(opened, Answer(found, view(found), None), path, as_json=as_json)


def attend(
    model: Model,
    prompt: Prompt,
    layer: Annotated[int | None, typer.Option(help="With --head: show that pattern.")] = None,
    head: Annotated[int | None, typer.Option(help="With --layer: show that pattern.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Draws the tokens that repeat.")] = 0,
    device: Device = "auto",
    dtype: Dtype = "float32",
    output: Output = None,
    as_json: JsonFlag = False,
) -> None:
    """Score what every head attends to on a prompt, or show one head's pattern."""
    if (layer is None) != (head is None):
        raise typer.BadParameter("--layer and --head go together; without them all are scored")
    opened = open_model(model, device, dtype)
    from harness.oneline.attend import attend as score
    from harness.oneline.attend import attention_pattern
    from harness.oneline.views.attend import attend_view, pattern_view

    if layer is None or head is None:
        scored = score(opened.lm, prompt, seed=seed)
        answer = Answer(scored, attend_view(scored), seed)
    else:
        one = attention_pattern(opened.lm, prompt, layer=layer, head=head, seed=seed)
        answer = Answer(one, pattern_view(one), seed)
    deliver(opened, answer, output or picture_path("attend", prompt), as_json=as_json)


def patch(
    model: Model,
    clean: Annotated[str, typer.Argument(help="Goes on with the answer.")],
    corrupted: Annotated[str, typer.Argument(help="As many tokens; goes on with the foil.")],
    answer: Annotated[
        str | None, typer.Option(help="A single token; else what the clean prompt goes on with.")
    ] = None,
    foil: Annotated[
        str | None, typer.Option(help="A single token; else what the corrupted one goes on with.")
    ] = None,
    component: Annotated[
        Literal["resid_pre", "attn_out", "mlp_out", "z"],
        typer.Option(help="What is exchanged; z: single heads, at the last token."),
    ] = "resid_pre",
    direction: Annotated[
        Literal["denoise", "noise"],
        typer.Option(help="Clean activations into the corrupted run, or the reverse."),
    ] = "denoise",
    device: Device = "auto",
    dtype: Dtype = "float32",
    output: Output = None,
    as_json: JsonFlag = False,
) -> None:
    """Exchange activations between two prompts, layer by layer and token by token."""
    opened = open_model(model, device, dtype)
    from harness.oneline.patch import patch as exchange
    from harness.oneline.views.patch import view

    with bars(quiet=as_json) as progress:
        found = exchange(
            opened.lm,
            clean,
            corrupted,
            answer=answer,
            foil=foil,
            component=component,
            direction=direction,
            progress=lambda done, total: progress("patching layers", done, total),
        )
    path = output or picture_path("patch", component, clean)
    deliver(opened, Answer(found, view(found), None), path, as_json=as_json)


def probe(
    model: Model,
    train: Annotated[
        str | None, typer.Option(help="A set of statements, or two joined by +.  [default: cities]")
    ] = None,
    test: Annotated[
        str | None, typer.Option(help="A set of statements.  [default: neg_cities]")
    ] = None,
    true: Annotated[
        Path | None, typer.Option(help="A file of true sentences; the set `sentences`.")
    ] = None,
    false: Annotated[Path | None, typer.Option(help="A file of false ones.")] = None,
    kind: Annotated[
        Literal["mass_mean", "mass_mean_covariance", "lda", "logistic_regression"],
        typer.Option("--probe", help="How the direction is fitted."),
    ] = "mass_mean",
    layer: Annotated[str, typer.Option(help="A number, or all.")] = "all",
    size: Annotated[int, typer.Option(help="Statements a generated set, an even number.")] = 300,
    seed: Annotated[int, typer.Option(min=0, help="Of folds and shuffles.")] = 0,
    device: Device = "auto",
    dtype: Dtype = "float32",
    output: Output = None,
    as_json: JsonFlag = False,
) -> None:
    """Probe for truth: train on one set of statements, test on another, layer by layer."""
    if (true is None) != (false is None):
        raise typer.BadParameter("--true and --false go together")
    if layer != "all" and not layer.isdecimal():
        raise typer.BadParameter(f"--layer {layer!r}: a number, or all")
    from harness.oneline.statements import SENTENCES, gather

    files = None if true is None or false is None else (true, false)
    usual = ("cities", "neg_cities") if files is None else (SENTENCES, SENTENCES)
    train, test = train or usual[0], test or usual[1]
    sets = gather([train, test], size=size, files=files)
    opened = open_model(model, device, dtype)
    from harness.oneline.probe import probe as fit
    from harness.oneline.views.probe import view
    from harness.specs.probing import Transfer

    with bars(quiet=as_json) as progress:
        found = fit(
            opened.lm,
            sets,
            Transfer(probe=kind, train=train, test=test),
            layer=None if layer == "all" else int(layer),
            seed=seed,
            progress=progress,
        )
    path = output or picture_path("probe", train, test)
    deliver(opened, Answer(found, view(found), seed), path, as_json=as_json)


def steer(
    model: Model,
    prompt: Prompt,
    positive: Annotated[
        list[str] | None, typer.Option(help="A text to steer towards; may be repeated.")
    ] = None,
    negative: Annotated[
        list[str] | None, typer.Option(help="A text to steer away from; may be repeated.")
    ] = None,
    positive_file: Annotated[Path | None, typer.Option(help="Such texts, one a line.")] = None,
    negative_file: Annotated[Path | None, typer.Option(help="Such texts, one a line.")] = None,
    vector: Annotated[
        Path | None,
        typer.Option(help="A safetensors file with blocks.LAYER.resid_post, added instead."),
    ] = None,
    layer: Annotated[
        int | None, typer.Option(help="Of resid_post; else at 0.6 of the depth.")
    ] = None,
    coefficient: Annotated[
        list[float] | None,
        typer.Option(
            help="Times the vector; may be repeated.  [default: .1, .2, .4 of its stream]"
        ),
    ] = None,
    tokens: Annotated[int, typer.Option(help="Of each continuation, at most.")] = 30,
    temperature: Annotated[float, typer.Option(help="0 takes the likeliest token.")] = 0.0,
    seed: Annotated[int, typer.Option(min=0, help="Of random vectors and sampling.")] = 0,
    device: Device = "auto",
    dtype: Dtype = "float32",
    output: Output = None,
    as_json: JsonFlag = False,
) -> None:
    """Add a difference of means while a prompt is continued; controls stand beside it."""
    towards = texts_of(positive, positive_file)
    away = texts_of(negative, negative_file)
    opened = open_model(model, device, dtype)
    from harness.models.generation import Sampling
    from harness.oneline.steer import Wanted
    from harness.oneline.steer import steer as add
    from harness.oneline.views.steer import view

    wanted = Wanted(coefficient or (), layer, Sampling(tokens, temperature), seed, vector)
    found = add(opened.lm, prompt, towards, away, wanted)
    path = output or picture_path("steer", *towards[:1], prompt)
    deliver(opened, Answer(found, view(found), seed), path, as_json=as_json)
