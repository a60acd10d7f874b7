"""Features as a terminal shows them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from harness.cli.show import relative, table

if TYPE_CHECKING:
    from rich.text import Text

    from harness.features.comparing import FeatureComparison
    from harness.features.details import Example, FeatureDetails
    from harness.features.page.pages import Row

_SHOWN = 8
"""Examples."""
_BEFORE, _AFTER = 12, 5
"""Tokens on either side of a peak."""


def _facts(feature: "FeatureDetails") -> dict[str, str]:
    from rich.markup import escape

    from harness.features.page.text import number, share

    return {
        "feature": feature.place,
        "density": share(feature.frac_nonzero),
        "active tokens": f"{feature.active_tokens:,}",
        "highest": number(feature.act_max),
        "raises": escape(" ".join(map(repr, feature.top_logits[:6]))),
        "lowers": escape(" ".join(map(repr, feature.bottom_logits[:6]))),
    }


def show_feature(feature: "FeatureDetails", page: Path, seconds: float) -> None:
    """Its numbers, its strongest examples and the page to open."""
    from rich.console import Console

    table([_facts(feature)])
    console = Console(highlight=False)
    for band in feature.examples_quantiles[:1]:
        for example in band.examples[:_SHOWN]:
            console.print(_passage(example, feature.act_max or 0.0), soft_wrap=True)
    if not feature.examples_quantiles:
        typer.echo("no examples: it never fires on this corpus")
    typer.echo(f"page: {relative(page)} ({seconds:.1f} s)")


def _passage(example: "Example", highest: float) -> "Text":
    """The words before the peak and a few behind it; the peak and its like stand out."""
    from rich.text import Text

    from harness.features.page.text import number

    peak = example.train_token_ind
    line = Text(f"{number(example.tokens_acts_list[peak]):>8}  ", style="dim")
    for place in range(max(0, peak - _BEFORE), min(len(example.tokens), peak + _AFTER)):
        strength = example.tokens_acts_list[place] / highest if highest > 0 else 0
        style = "bold reverse" if place == peak else "bold" if strength > 0.5 else ""
        line.append(example.tokens[place].replace("\n", "↵"), style=style or "not dim")
    return line


def show_rows(rows: "Sequence[Row]", page: Path, seconds: float) -> None:
    """How many there are, and the page to open."""
    silent = sum(row.highest is None for row in rows)
    typer.echo(f"{len(rows):,} features, {silent:,} of them never fire on this corpus")
    typer.echo(f"page: {relative(page)} ({seconds:.1f} s)")


def show_comparison(found: "FeatureComparison", page: Path, seconds: float) -> None:
    """Both features, what they have in common and the page to open."""
    from harness.features.page.text import signed

    table([_facts(found.left), _facts(found.right)])
    typer.echo(
        f"activation correlation {signed(found.activation_correlation)}, decoder cosine "
        f"{signed(found.decoder_cosine)}, both active on {found.both_active:,} tokens"
    )
    typer.echo(f"page: {relative(page)} ({seconds:.1f} s)")
