"""Latents against true features as maps of |cosine|, a panel an architecture on one scale."""

from collections.abc import Iterator, Sequence

from matplotlib import colormaps
from matplotlib.axes import Axes

from harness.report.benches import Bench, benches
from harness.report.figures.architectures import looks
from harness.report.figures.heat_map import Scale, colour_bar
from harness.report.figures.style import Drawing, panels
from harness.report.material import Material
from harness.report.pictures import CosineMap
from harness.report.wording import joined

_SCALE = Scale("largest |cosine| in the block", 0, 1)
_MOST = 4
"""Maps in a row."""


def cosine_maps(material: Material) -> Iterator[Drawing]:
    """One figure a bench whose experiments kept their maps."""
    for bench in benches(material):
        own = [each for each in material.cosine_maps if each.experiment in bench.experiments]
        if own:
            yield _draw(bench, _nearest(own))


def _nearest(maps: Sequence[CosineMap]) -> list[CosineMap]:
    """Of each architecture the SAE whose wanted L0 is nearest to the world's own."""
    found: dict[str, CosineMap] = {}
    for each in sorted(maps, key=lambda each: abs(each.relative_l0 - 1)):
        found.setdefault(each.architecture, each)
    return [found[name] for name in dict.fromkeys(each.architecture for each in maps)]


def _draw(bench: Bench, maps: Sequence[CosineMap]) -> Drawing:
    columns = -(-len(maps) // -(-len(maps) // _MOST))
    figure, grid = panels(len(maps), height=min(8.2 / columns, 4) + 0.25, most=_MOST)
    named = looks([each.architecture for each in maps])
    for axes, each in zip(grid, maps, strict=True):
        _panel(axes, each)
        axes.set_title(named[each.architecture].label)
    figure.supxlabel("true features, the most frequent first", fontsize=9)
    figure.supylabel("latents, by matched feature", fontsize=9)
    colour_bar(figure, grid, _SCALE)
    return Drawing(f"cosine_maps.{bench.name}", _caption(bench, maps), figure)


def _panel(axes: Axes, shown: CosineMap) -> None:
    """The colours of `heat_map`, as one image: edges of so many cells would drown them."""
    axes.imshow(
        shown.values,
        cmap=colormaps["Blues"],
        vmin=_SCALE.low,
        vmax=_SCALE.high,
        interpolation="nearest",
    )
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(True)


def _caption(bench: Bench, maps: Sequence[CosineMap]) -> str:
    levels = joined(f"{level:g}" for level in sorted({each.relative_l0 for each in maps}))
    return (
        f"Decoder rows against true features, {bench.origin}, SAEs at relative L0 "
        f"{levels} of the first seed. Each cell is the largest |cosine| between a latent and a "
        "feature of its block; a dark diagonal is a latent for each feature, a pale stretch of it "
        "features that no latent stands for, dark cells beside it latents that mix features."
    )
