"""A world's leaderboard as a picture: F1 and MCC against L0, with the paper's points hollow.

Recipes of the command and the best others have names; the rest are grey. Points of the paper are
shown on its own world only, for L0 is not relative here.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from harness.oneline.standings import Standing
from harness.oneline.views.recipe_names import recipe_name
from harness.report.benches import Published
from harness.report.figures.architectures import PUBLISHED, draw_hollow, draw_path, looks
from harness.report.figures.layers import Look
from harness.report.figures.style import (
    FAINT,
    MARKERS,
    SOFT,
    WIDTH_INCHES,
    Drawing,
    drawing,
    new_figure,
)
from harness.report.wording import counted
from harness.specs.worlds import World

_PANELS = {"latent_f1": "F1", "mcc": "MCC"}
_NAMED = 10
"""Recipes that have an entry in the legend."""
_LEAST_MARGIN = 0.1
"""Left and right, as a share of the world's L0: one wanted L0 alone has a width too."""
_LETTERS = 130
"""What a row of the legend holds."""
_OF_ENTRY = 8
"""Letters that a mark and the space behind an entry take."""


class Line(NamedTuple):
    """A recipe at all its L0s."""

    name: str
    architecture: str
    saes: Sequence[Standing]
    """From the sparsest."""

    @property
    def best(self) -> float:
        """F1 at the L0 where it is highest."""
        return max(each.scores["latent_f1"].mean for each in self.saes)


def draw_board(
    board: Sequence[Standing],
    world: World,
    *,
    first: Sequence[str] = (),
    published: Sequence[Published] = (),
) -> Drawing:
    """Everything on the board; the recipes whose names stand in `first` come first."""
    lines = _lines(board, world)
    lines.sort(key=lambda line: (line.name not in first, -line.best))
    named, rest = lines[:_NAMED], lines[_NAMED:]
    own = [each for each in published if each.model == world.id]
    with drawing():
        figure = new_figure(WIDTH_INCHES, 4.2)
        grid = list(figure.subplots(1, 2, sharex=True, sharey=True).flat)
        for axes, (metric, title) in zip(grid, _PANELS.items(), strict=True):
            _panel(axes, metric, named, rest)
            _hollow(axes, metric, named, own)
            axes.axvline(world.l0, color=SOFT, linewidth=0.9, linestyle=(0, (1, 2)), zorder=0.8)
            axes.set(title=title, xlabel=f"L0 on {world.id} (dotted: the world's own)")
            axes.grid(axis="y", color="#edf0f2")
        _limits(grid[0], world)
        shown = {line.architecture for line in named}
        hollow = any(each.architecture in shown for each in own)
        handles = _legend(grid[0], len(rest), hollow=hollow)
        figure.legend(handles=handles, loc="outside upper center", ncols=_columns(handles))
        return Drawing("leaderboard", f"F1 and MCC of SAEs on {world.id} against L0.", figure)


def _lines(board: Sequence[Standing], world: World) -> list[Line]:
    by_name: dict[str, list[Standing]] = {}
    for each in board:
        if _PANELS.keys() | {"sae_l0"} <= each.scores.keys():
            by_name.setdefault(recipe_name(each, world), []).append(each)
    return [
        Line(name, own[0].architecture, sorted(own, key=lambda each: each.l0))
        for name, own in by_name.items()
    ]


def _looks(lines: Sequence[Line]) -> list[Look]:
    """A colour an architecture; its further recipes take markers that no architecture has."""
    usual = looks(list(dict.fromkeys(line.architecture for line in lines)))
    spare = [each for each in MARKERS if each not in {look.marker for look in usual.values()}]
    further: Counter[str] = Counter()
    found: list[Look] = []
    for line in lines:
        colour, marker, _ = usual[line.architecture]
        place = further[line.architecture]
        further[line.architecture] += 1
        choices = [marker, *spare, *MARKERS]
        found.append(Look(colour, choices[place % len(choices)], line.name))
    return found


def _panel(axes: Axes, metric: str, named: Sequence[Line], rest: Sequence[Line]) -> None:
    for line, look in zip(named, _looks(named), strict=True):
        draw_path(axes, _l0s(line), [each.scores[metric] for each in line.saes], look)
    for line in rest:
        means = [each.scores[metric].mean for each in line.saes]
        axes.plot(_l0s(line), means, "o-", color=FAINT, linewidth=1, zorder=1)


def _l0s(line: Line) -> list[float]:
    """As measured."""
    return [each.scores["sae_l0"].mean for each in line.saes]


def _hollow(axes: Axes, metric: str, named: Sequence[Line], published: Sequence[Published]) -> None:
    """The paper's points of the named architectures."""
    architectures = list(dict.fromkeys(line.architecture for line in named))
    for architecture, look in looks(architectures).items():
        own = [e for e in published if e.architecture == architecture and metric in e.values]
        draw_hollow(axes, [e.l0 for e in own], [e.values[metric] for e in own], look)


def _limits(axes: Axes, world: World) -> None:
    low, high = axes.get_xlim()
    margin = _LEAST_MARGIN * world.l0
    axes.set(xlim=(min(low, world.l0 - margin), max(high, world.l0 + margin)), ylim=(-0.02, 1.04))


def _legend(axes: Axes, rest: int, *, hollow: bool) -> list[Artist]:
    handles: list[Artist] = [
        line for line in axes.get_lines() if not str(line.get_label()).startswith("_")
    ]
    if hollow:
        ring = {"marker": "o", "markersize": 9, "markerfacecolor": "none", "linestyle": ""}
        handles.append(Line2D([], [], color=SOFT, label=PUBLISHED, **ring))  # pyright: ignore[reportArgumentType]
    if rest:
        label = counted(rest, "other recipe")
        handles.append(Line2D([], [], color=FAINT, marker="o", linewidth=1, label=label))
    return handles


def _columns(handles: Sequence[Artist]) -> int:
    """As many as the longest name leaves room for, and no last row of one."""
    longest = max((len(str(each.get_label())) for each in handles), default=1)
    most = max(1, _LETTERS // (longest + _OF_ENTRY))
    rows = max(1, -(-len(handles) // most))
    return max(1, -(-len(handles) // rows))
