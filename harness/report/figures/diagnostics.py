"""What explains a score: absorption and hedging by hierarchy depth, recovery by frequency."""

from collections.abc import Iterator, Mapping, Sequence

from matplotlib.axes import Axes

from harness.metrics import get_metric
from harness.report.benches import Bench, benches
from harness.report.figures.architectures import draw_path, intervals, legend, looks
from harness.report.figures.style import SOFT, WIDTH_INCHES, Drawing, new_figure
from harness.report.material import Material
from harness.report.wording import joined, words

_BY_DEPTH = ("absorption_rate", "absorption_cosine", "hedging_cosine")
_BY_BAND = "feature_recovery"
_APART = 0.075
"""Between architectures at one depth, so that no interval hides another."""


def hierarchy(material: Material) -> Iterator[Drawing]:
    """One figure an experiment that measured absorption or hedging; a panel a metric."""
    for bench in benches(material):
        metrics = [metric for metric in _BY_DEPTH if _places(bench, metric, "depth")]
        if metrics:
            yield _by_depth(bench, metrics)


def recovery(material: Material) -> Iterator[Drawing]:
    """One figure an experiment that measured recovery by firing frequency."""
    for bench in benches(material):
        if bands := _places(bench, _BY_BAND, "band"):
            yield _by_band(bench, bands)


def _places(bench: Bench, metric: str, along: str) -> list[int]:
    """The depths or bands at which anything was measured at the L0 that is shown."""
    return sorted(
        {place for name in bench.architectures for place in bench.diagnosed(metric, name, along)}
    )


def _by_depth(bench: Bench, metrics: Sequence[str]) -> Drawing:
    width = WIDTH_INCHES * max(0.5, len(metrics) / 3)
    figure = new_figure(width, 3.7)
    grid = figure.subplots(1, len(metrics), sharex=True, squeeze=False)
    for axes, metric in zip(grid.flat, metrics, strict=True):
        _lines(axes, bench, metric, "depth", apart=_APART)
        depths = _places(bench, metric, "depth")
        axes.axhline(0, color=SOFT, linewidth=0.9, linestyle="--", zorder=0.9)
        axes.set_xticks(depths, [f"{depth}\n{'' if depth else 'roots'}" for depth in depths])
        axes.set_title(words(metric))
        axes.set_ylabel(get_metric(metric).unit)
    figure.supxlabel("depth of the parent in the hierarchy", fontsize=9)
    legend(figure, bench, hollow=False)
    defined = "; ".join(f"{words(metric)}: {get_metric(metric).definition}" for metric in metrics)
    caption = f"Absorption and hedging by depth, {_which(bench)}. {_capital(defined)}."
    return Drawing(f"hierarchy.{bench.name}", caption, figure)


def _by_band(bench: Bench, bands: Sequence[int]) -> Drawing:
    figure = new_figure(WIDTH_INCHES * 0.8, 4.2)
    axes = figure.subplots()
    _lines(axes, bench, _BY_BAND, "band", apart=_APART)
    ends: Mapping[int, str] = {bands[0]: "most frequent", bands[-1]: "rarest"}
    axes.set_xticks(bands, [f"{band}\n{ends.get(band, '')}" for band in bands])
    axes.set(xlabel="band of firing frequency", ylabel="F1 as a detector of the feature")
    axes.set_ylim(-0.02, 1.02)
    axes.grid(axis="y", color="#edf0f2")
    legend(figure, bench, hollow=False)
    caption = (
        f"Recovery of features by how often they fire, {_which(bench)}. "
        f"{_capital(get_metric(_BY_BAND).definition)}; bands hold equally many features."
    )
    return Drawing(f"recovery.{bench.name}", caption, figure)


def _lines(axes: Axes, bench: Bench, metric: str, along: str, *, apart: float) -> None:
    names = bench.architectures
    for place, (name, look) in enumerate(looks(names).items()):
        found = bench.diagnosed(metric, name, along)
        shift = (place - (len(names) - 1) / 2) * apart
        draw_path(axes, [at + shift for at in found], list(found.values()), look)


def _which(bench: Bench) -> str:
    levels = sorted({bench.nearest_l0(name) for name in bench.architectures})
    shown = joined(f"{level:g}" for level in levels)
    return f"SAEs at relative L0 {shown} on {bench.model}, {bench.origin}; {intervals(bench)}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
