"""What heads attend to: the highest heads and a map of each score, or one head's pattern."""

from collections.abc import Callable

import numpy as np

from harness.oneline.attend import Attend, HeadScores, Pattern
from harness.oneline.views.view import View
from harness.report.figures.heat_map import Scale, Sides, Values, colour_bar, heat, heat_map
from harness.report.figures.style import WIDTH_INCHES, Drawing, drawing, new_figure
from harness.report.figures.token_labels import token_labels

BEST = 5
"""Heads listed a score, and keys listed a query."""


_Score = Callable[[HeadScores], float | None]
_SCORES: dict[str, _Score] = {
    "induction (random tokens)": lambda head: head.induction,
    "previous token": lambda head: head.previous_token,
    "duplicate token": lambda head: head.duplicate_token,
    "first token": lambda head: head.first_token,
}
_LEAST_HIGH = 0.2
"""The darkest colour of a pattern stands for no less."""
_FRACTION = Scale("share of attention", 0.0, 1.0)


def attend_view(found: Attend) -> View:
    """The best heads of each score, and a map of each."""
    rows = [
        {"score": name, "highest heads (layer.head share)": _best(found, score)}
        for name, score in _SCORES.items()
    ]
    evenest = sorted(found.heads, key=lambda head: -head.entropy_bits)[:BEST]
    spread = "  ".join(f"{_head(each)} {each.entropy_bits:.1f}" for each in evenest)
    rows.append({"score": "entropy in bits", "highest heads (layer.head share)": spread})
    line = f"{len(found.tokens)} tokens: {' '.join(token_labels(found.tokens))}"
    return View(line, rows, _maps(found))


def pattern_view(found: Pattern) -> View:
    """Where each token looks."""
    labels = token_labels(found.tokens)
    rows = [
        {"token": labels[query], "attends to": _keys(row, labels)}
        for query, row in enumerate(found.pattern)
    ]
    scores = ", ".join(
        f"{name} {value:.2f}"
        for name, score in _SCORES.items()
        if (value := score(found.scores)) is not None
    )
    line = f"head {_head(found.scores)}: {scores}, entropy {found.scores.entropy_bits:.1f} bits"
    return View(line, rows, _pattern(found))


def _best(found: Attend, score: _Score) -> str:
    known = [(value, head) for head in found.heads if (value := score(head)) is not None]
    if not known:
        return "not measured: the prompt has no place for it"
    known.sort(key=lambda each: -each[0])
    return "  ".join(f"{_head(head)} {value:.2f}" for value, head in known[:BEST])


def _head(scores: HeadScores) -> str:
    return f"{scores.layer}.{scores.head}"


def _keys(row: tuple[float, ...], labels: list[str]) -> str:
    order = sorted(range(len(row)), key=lambda key: -row[key])[:BEST]
    return "  ".join(f"{labels[key]} {row[key]:.2f}" for key in order if row[key] >= 0.01)


def _maps(found: Attend) -> Drawing:
    layers, heads = (1 + max(each) for each in zip(*map(_place, found.heads), strict=True))
    shown = {name: of for name, of in _SCORES.items() if of(found.heads[0]) is not None}
    width = min(WIDTH_INCHES, 1.6 + len(shown) * (0.6 + 0.2 * heads))
    with drawing():
        figure = new_figure(width, 1.2 + 0.17 * layers)
        grid = figure.subplots(1, len(shown), sharey=True, squeeze=False)[0]
        for axes, (name, score) in zip(grid, shown.items(), strict=True):
            sides = Sides([str(i) for i in range(layers)], [str(i) for i in range(heads)])
            heat(axes, _values(found, score, (layers, heads)), sides=sides, scale=_FRACTION)
            axes.set(title=name, xlabel="head")
        grid[0].set_ylabel("layer")
        colour_bar(figure, list(grid), _FRACTION)
        return Drawing("attend", "Share of each head's attention, by what it goes to.", figure)


def _place(head: HeadScores) -> tuple[int, int]:
    return head.layer, head.head


def _values(found: Attend, score: _Score, shape: tuple[int, int]) -> Values:
    values = np.full(shape, np.nan)
    for head in found.heads:
        value = score(head)
        values[_place(head)] = np.nan if value is None else value
    return values


def _pattern(found: Pattern) -> Drawing:
    """Queries downward, as a text is read.

    Most heads rest on the first token; the colours leave it out, or nothing else could be seen.
    """
    labels = token_labels(found.tokens)
    values = np.array(found.pattern)[::-1]
    high = max(_LEAST_HIGH, float(values[:, 1:].max(initial=0.0)))
    scale = Scale(f"share of attention ({high:.2f} or more: darkest)", 0.0, high)
    sides = Sides(labels[::-1], labels, row_name="from token", column_name="to token")
    title = f"Attention of head {_head(found.scores)}"
    caption = f"Where head {_head(found.scores)} looks from each token; rows sum to 1."
    return heat_map("attend", caption, values, sides=sides, scale=scale, title=title)
