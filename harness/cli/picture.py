"""How the one-liners show an answer: a table and a picture for people, JSON for programs."""

import re
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import typer

from harness.cli.show import emit, relative, table

if TYPE_CHECKING:
    from harness.models.language_model import LanguageModel
    from harness.oneline.views.view import View
    from harness.record import Record

Model = Annotated[
    str, typer.Argument(help="A name from `harness models`, hf:ORG/NAME or path:DIR.")
]
Device = Annotated[str, typer.Option(help="auto (cuda, then mps, then cpu), cuda, mps or cpu.")]
Dtype = Annotated[Literal["float32", "bfloat16"], typer.Option(help="Of weights and activations.")]
Output = Annotated[
    Path | None, typer.Option(help="Where the PNG goes; else runs/<command>-<prompt>.png.")
]
_LONGEST_NAME = 48


def texts_of(given: Sequence[str] | None, file: Path | None) -> list[str]:
    """Texts of an option and of a file with one a line; blank lines are none.

    Raises `HarnessError` for a file that cannot be read.
    """
    from harness.record import read_text

    lines = [] if file is None else read_text(file).splitlines()
    return [*(given or ()), *(line for line in lines if line.strip())]


class Opened(NamedTuple):
    """A model, with the moment at which the command began."""

    lm: "LanguageModel"
    began: float

    @property
    def seconds(self) -> float:
        """Since then."""
        return perf_counter() - self.began


def open_model(ref: str, device: str, dtype: str) -> Opened:
    """Load the model that a command names."""
    began = perf_counter()
    from harness.models.language_model import load_model

    return Opened(load_model(ref, device=device, dtype=dtype), began)


class Answer(NamedTuple):
    """What a command found, and how it is shown."""

    result: "Record"
    view: "View"
    seed: int | None
    """`None` where nothing was drawn."""


def deliver(opened: Opened, answer: Answer, picture: Path, *, as_json: bool) -> None:
    """Write the picture, then print the table or the JSON document with its provenance."""
    from harness.oneline.provenance import provenance_of
    from harness.record import write_bytes
    from harness.report.figures.style import png

    write_bytes(picture, png(answer.view.drawing))
    seconds = opened.seconds
    provenance = provenance_of(opened.lm, seed=answer.seed, seconds=seconds)
    content = {
        **answer.result.model_dump(mode="json"),
        "picture": relative(picture),
        "provenance": provenance.model_dump(mode="json"),
    }
    emit(content, as_json, lambda: _show(answer.view, picture, seconds))


def picture_path(command: str, *prompts: str) -> Path:
    """Where a picture goes by itself: `runs/lens-the-capital-of-texas-is.png`."""
    slug = re.sub(r"\W+", "-", " ".join((command, *prompts)).lower())
    return Path("runs") / f"{slug[:_LONGEST_NAME].strip('-')}.png"


def _show(view: "View", picture: Path, seconds: float) -> None:
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False)
    console.print(escape(view.line), soft_wrap=True)
    table([{key: escape(value) for key, value in row.items()} for row in view.rows])
    console.print(f"picture: {escape(relative(picture))} ({seconds:.1f} s)", soft_wrap=True)
