"""Parts of a page about one feature, which a page of two has twice."""

from collections.abc import Iterable, Iterator

from harness.features.details import ExamplesQuantile, FeatureDetails, Source
from harness.features.page.document import escape
from harness.features.page.histogram import histogram
from harness.features.page.text import DASH, number, passage, share, token

_BAR = 100


def heading(feature: FeatureDetails, *, level: int) -> str:
    """Which feature it is."""
    name = f"Layer {feature.layer} <span>·</span> feature {feature.index}"
    return f'<h{level}>{name}</h{level}>\n<p class="soft">{escape(feature.transcoder_id)}</p>'


def facts(feature: FeatureDetails) -> str:
    """How often it fires and how strongly."""
    median = feature.quantile_values[49] if feature.quantile_values else None
    return definitions(
        [
            ("Density", share(feature.frac_nonzero)),
            ("Active tokens", f"{feature.active_tokens:,}"),
            ("Highest", number(feature.act_max)),
            ("Median if active", number(median)),
        ]
    )


def definitions(pairs: Iterable[tuple[str, str]]) -> str:
    """Names and values that are plain text, side by side."""
    items = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in pairs
    )
    return f'<dl class="facts">{items}</dl>'


def distribution(feature: FeatureDetails) -> str:
    """The histogram, and whether it rests on all activations."""
    note = ""
    if feature.sampled_tokens < feature.active_tokens:
        note = (
            f'<p class="note">Drawn from {feature.sampled_tokens:,} of '
            f"{feature.active_tokens:,} activations.</p>"
        )
    return f"<h3>Activations above 0</h3>\n{histogram(feature)}{note}"


def logits(feature: FeatureDetails, *, shared: frozenset[str] = frozenset()) -> str:
    """Tokens that the decoder row raises and lowers most; those in `shared` are marked."""
    scale = max(map(abs, (*feature.pos_values, *feature.neg_values)), default=0.0)
    raised = _effects("raised", feature.pos_str, feature.pos_values, scale, shared)
    lowered = _effects("lowered", feature.neg_str, feature.neg_values, scale, frozenset())
    return f'<h3>Logits of the decoder row</h3>\n<div class="logits">{raised}{lowered}</div>'


def _effects(
    kind: str,
    words: tuple[str, ...],
    values: tuple[float, ...],
    scale: float,
    shared: frozenset[str],
) -> str:
    rows = "".join(
        f"<tr{_mark(word, shared)}><td><code>{token(word)}</code></td>"
        f"<td>{_bar(value, scale)}</td><td>{number(value)}</td></tr>"
        for word, value in zip(words, values, strict=True)
    )
    return f'<table class="{kind}"><caption>{kind.capitalize()}</caption>{rows}</table>'


def _mark(word: str, shared: frozenset[str]) -> str:
    return ' class="shared" title="among the most raised of both"' if word in shared else ""


def _bar(value: float, scale: float) -> str:
    width = 0 if scale == 0 else _BAR * abs(value) / scale
    return (
        f'<svg class="bar" viewBox="0 0 {_BAR} 10" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="{width:.1f}" height="10"/></svg>'
    )


def examples(feature: FeatureDetails, *, opened: int) -> Iterator[str]:
    """Examples band by band; the first `opened` bands stand open."""
    yield "<h3>Examples</h3>"
    if not feature.examples_quantiles:
        yield '<p class="soft">There is none: it never fires on this corpus.</p>'
    for place, quantile in enumerate(feature.examples_quantiles):
        state = " open" if place < opened else ""
        yield f"<details{state}><summary>{escape(quantile.quantile_name)}"
        yield f" <small>{len(quantile.examples)}</small></summary>{_passages(feature, quantile)}"
        yield "</details>"


def _passages(feature: FeatureDetails, quantile: ExamplesQuantile) -> str:
    highest = feature.act_max or 0.0
    rows = (
        f"<li><b>{number(example.tokens_acts_list[example.train_token_ind])}</b>"
        f"<p>{passage(example, highest)}"
        f"{' <small>stands more than once in the corpus</small>' * example.is_repeated_datapoint}"
        "</p></li>"
        for example in quantile.examples
    )
    return f'<ol class="examples">{"".join(rows)}</ol>'


def colophon(source: Source) -> str:
    """What it was measured with."""
    pairs = [
        ("Model", source.model, source.model_sha256),
        ("Transcoders", source.transcoders, source.transcoders_sha256),
        ("Corpus", source.corpus, source.corpus_sha256),
    ]
    named = "".join(
        f"<li>{kind}: {escape(name)} <code>{escape(digest[:12]) or DASH}</code></li>"
        for kind, name, digest in pairs
    )
    return (
        f"<footer><ul>{named}</ul><p>{source.tokens:,} tokens in {source.windows:,} windows of at "
        f"most {source.context}, each read once; the first position of a window is an attention "
        "sink and is left out. Logits are the unembedding times the decoder row, an activation of "
        "1, without the final norm. Bands are quarters of the windows in which a feature fires, "
        "by their highest activation; of many windows, some are drawn.</p></footer>"
    )
