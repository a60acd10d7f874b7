"""SAEs of a benchmark: tables of quality and cost, the paper's cells beneath, and the picture."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from harness.estimate import Estimate
from harness.oneline.bench_sae import Benched, Found
from harness.oneline.standings import Standing
from harness.oneline.views.board_picture import draw_board
from harness.oneline.views.recipe_names import architecture_name, recipe_name, recipe_words
from harness.report.benches import Published
from harness.report.figures.style import Drawing
from harness.report.wording import DASH, counted
from harness.specs.worlds import World, resolve_world

_TABLES = (
    {"measured": "sae_l0", "F1": "latent_f1", "MCC": "mcc", "var. expl.": "sae_variance_explained"},
    {
        "precision": "latent_precision",
        "recall": "latent_recall",
        "uniqueness": "feature_uniqueness",
        "dead": "dead_latent_fraction",
    },
)
"""Metrics by the heading of their column; so many that a terminal of 80 columns holds a row."""
_DIGITS = {"sae_l0": 2, "dead_latent_fraction": 2}
_SAME = 1e-9
"""L0s that differ by less are one."""
_OFF = 0.1
"""An L0 that is farther from the wanted one, as a share of it, is told of."""

Rows = list[dict[str, str]]


class BenchView(NamedTuple):
    """What a person is shown, made from what was found and the paper's tables alone."""

    lines: list[str]
    tables: list[Rows]
    drawing: Drawing


def view(found: Found, published: Sequence[Published]) -> BenchView:
    """Rows in the order asked for, then everything on the leaderboard as a picture."""
    benched, world = found.benched, resolve_world(found.benched.world)
    tables = [
        [
            row
            for sae in benched.saes
            for row in (_own(sae, metrics), *_printed(cells_of(sae, world, published), metrics))
        ]
        for metrics in _TABLES
    ]
    names = [recipe_name(sae, world) for sae in benched.saes]
    picture = draw_board(found.board, world, first=names, published=published)
    lines = [*_lines(benched, world, published)]
    return BenchView(lines, [*tables, [_cost(sae) for sae in benched.saes]], picture)


def cells_of(sae: Standing, world: World, published: Sequence[Published]) -> list[Published]:
    """What the paper prints of the very same world, architecture, width and L0."""
    if sae.config or sae.width != world.width:
        return []
    return [
        each
        for each in published
        if (each.model, each.architecture) == (world.id, sae.architecture)
        and abs(each.l0 - sae.l0) < _SAME
    ]


def _lines(found: Benched, world: World, published: Sequence[Published]) -> Iterator[str]:
    kept = f", {found.from_board} taken from the leaderboard (--again trains them anew)"
    yield (
        f"{world.id}: {counted(found.trained, 'SAE')} trained{kept if found.from_board else ''}; "
        f"{counted(len(found.seeds), 'seed')}, ± is half of the 95 % interval over them"
    )
    if found.saes:
        yield recipe_words(found.saes[0])
    yield from found.failures
    yield from found.notes
    yield from _off_target(found)
    if not any(each.model == world.id for each in published):
        yield from _elsewhere(found, world, published)


def _off_target(found: Benched) -> Iterator[str]:
    """An L0 that is driven there in the course of training may not arrive."""
    for sae in found.saes:
        measured = sae.scores.get("sae_l0")
        if measured is not None and abs(measured.mean / sae.l0 - 1) > _OFF:
            yield (
                f"{architecture_name(sae.architecture)}, L0 {sae.l0:g}: {measured.mean:.1f} is "
                "measured; a coefficient that is driven as it trains needs more samples"
            )


def _elsewhere(found: Benched, world: World, published: Sequence[Published]) -> Iterator[str]:
    """What the paper prints of these architectures at the same relative L0 on its own world."""
    asked = {
        (each.architecture, round(each.l0 / world.l0, 6)) for each in found.saes if not each.config
    }
    lines: dict[str, list[str]] = {}
    for each in published:
        if (each.architecture, round(each.relative_l0, 6)) in asked and "latent_f1" in each.values:
            where = f"published on another world, {each.model}, F1 at relative L0 "
            told = lines.setdefault(f"{where}{each.relative_l0:g} (L0 {each.l0:g})", [])
            name = architecture_name(each.architecture)
            told.append(f"{name} {each.values['latent_f1']:.3f}")
    yield from (f"{where}: {', '.join(told)}" for where, told in lines.items())


def _own(sae: Standing, metrics: Mapping[str, str]) -> dict[str, str]:
    scores = {
        name: _shown(sae.scores.get(metric), digits=_DIGITS.get(metric, 3))
        for name, metric in metrics.items()
    }
    return {**_head(sae), **scores}


def _printed(cells: Sequence[Published], metrics: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """None where the paper prints none of these metrics."""
    for each in cells:
        if each.values.keys() & set(metrics.values()):
            scores = {
                name: f"{each.values[metric]:.3f}" if metric in each.values else DASH
                for name, metric in metrics.items()
            }
            yield {"SAE": "  published", "L0": f"{each.l0:g}", **scores}


def _cost(sae: Standing) -> dict[str, str]:
    return {
        **_head(sae),
        "seconds": _shown(sae.seconds, digits=1),
        "samples/s": _shown(sae.samples_per_second, digits=0),
    }


def _head(sae: Standing) -> dict[str, str]:
    return {"SAE": architecture_name(sae.architecture), "L0": f"{sae.l0:g}"}


def _shown(got: Estimate | None, *, digits: int) -> str:
    """Mean and half of the interval; the mean alone where one seed gives none."""
    if got is None:
        return DASH
    mean = f"{got.mean:,.{digits}f}"
    if got.low is None or got.high is None:
        return mean
    return f"{mean}±{(got.high - got.low) / 2:,.{digits}f}"
