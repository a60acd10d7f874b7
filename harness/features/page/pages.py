"""Which parts a page has, and in what order: one feature, two, or a list of many."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from harness.features.comparing import FeatureComparison
from harness.features.details import FeatureDetails, Source
from harness.features.page.document import document, escape
from harness.features.page.histogram import sparkline
from harness.features.page.sections import (
    colophon,
    definitions,
    distribution,
    examples,
    facts,
    heading,
    logits,
)
from harness.features.page.text import DASH, glimpse, number, share, signed, token


class Row(NamedTuple):
    """A feature in a list, without its examples: of a whole layer they are too many to hold."""

    place: str
    """`layer/index`."""
    density: float
    highest: float | None
    cells: str
    """Markup of what is shown of it behind its numbers."""
    target: str
    """Its page, relative to the list's."""


def feature_page(feature: FeatureDetails, *, home: str | None = None) -> str:
    """The dashboard of one feature; `home` is the address of a list of features."""
    return document(f"Feature {feature.place}", _feature_parts(feature, home))


def _feature_parts(feature: FeatureDetails, home: str | None) -> Iterator[str]:
    if home is not None:
        yield f'<nav><a href="{escape(home)}">All features</a></nav>'
    yield f"<header>{heading(feature, level=1)}</header>"
    yield facts(feature)
    yield f'<div class="pair"><section>{distribution(feature)}</section>'
    yield f"<section>{logits(feature)}</section></div>"
    yield from examples(feature, opened=2)
    yield colophon(feature.source)


def compare_page(compared: FeatureComparison) -> str:
    """Two features side by side, under the numbers that say how alike they are."""
    title = f"Features {compared.left.place} and {compared.right.place}"
    return document(title, _compare_parts(compared))


def _compare_parts(compared: FeatureComparison) -> Iterator[str]:
    yield "<header><h1>Two features</h1></header>"
    yield definitions(
        [
            ("Activation correlation", signed(compared.activation_correlation)),
            ("Decoder cosine", signed(compared.decoder_cosine)),
            ("Both active", f"{compared.both_active:,} tokens"),
            ("Raised by both", f"{len(compared.shared_top_logits)} of the top tokens"),
        ]
    )
    shared = frozenset(compared.shared_top_logits)
    yield '<div class="pair two">'
    for side, feature in (("left", compared.left), ("right", compared.right)):
        yield f'<section class="{side}"><header>{heading(feature, level=2)}</header>'
        yield facts(feature)
        yield distribution(feature)
        yield logits(feature, shared=shared)
        yield from examples(feature, opened=1)
        yield "</section>"
    yield "</div>"
    yield colophon(compared.left.source)
    if compared.right.source != compared.left.source:
        yield colophon(compared.right.source)


def row_of(feature: FeatureDetails, target: str) -> Row:
    """What a list shows of a feature."""
    words = " ".join(f"<code>{token(word)}</code>" for word in feature.top_logits[:5])
    first = feature.examples_quantiles[0].examples[0] if feature.examples_quantiles else None
    shown = DASH if first is None else glimpse(first, feature.act_max or 0.0)
    return Row(
        feature.place,
        feature.frac_nonzero,
        feature.act_max,
        f'<td>{sparkline(feature)}</td><td class="words">{words}</td>'
        f'<td class="glimpse"><p>{shown}</p></td>',
        target,
    )


def index_page(rows: Sequence[Row], source: Source) -> str:
    """A list of features that leads to their pages."""
    return document("Features", _index_parts(rows, source))


def _index_parts(rows: Sequence[Row], source: Source) -> Iterator[str]:
    silent = sum(row.highest is None for row in rows)
    yield "<header><h1>Features</h1></header>"
    yield definitions([("Features", f"{len(rows):,}"), ("Never fire here", f"{silent:,}")])
    yield '<div class="wide"><table class="index"><thead><tr><th>Feature</th><th>Density</th>'
    yield "<th>Highest</th><th>Activations</th><th>Raises</th><th>Strongest example</th>"
    yield "</tr></thead><tbody>"
    for row in rows:
        yield f'<tr><td><a href="{escape(row.target)}">{row.place}</a></td>'
        yield f"<td>{share(row.density)}</td><td>{number(row.highest)}</td>{row.cells}</tr>"
    yield "</tbody></table></div>"
    yield colophon(source)
