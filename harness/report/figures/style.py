"""The look of every figure, and its files: the same figure gives the same bytes."""

import re
from collections.abc import Generator
from contextlib import contextmanager
from io import BytesIO
from typing import Any, NamedTuple

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

INK = "#1b2026"
SOFT = "#5c6670"
FAINT = "#c9cfd6"
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#6b4226", "#000000")
"""Okabe and Ito, brown in place of their yellow; lines differ by marker too."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "h")
"""One more than colours, so that together they tell many lines apart."""
WIDTH_INCHES = 9.6
"""Full width of a page; at this width 9 points read well on GitHub."""

_RC: dict[Any, Any] = {
    "font.family": ["DejaVu Sans"],
    "font.size": 9,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelcolor": INK,
    "axes.edgecolor": SOFT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "text.color": INK,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "lines.linewidth": 1.6,
    "lines.markersize": 4,
    "hatch.linewidth": 0.5,
    "figure.facecolor": "white",
    "svg.hashsalt": "harness",
    "svg.fonttype": "path",
}


class Drawing(NamedTuple):
    """A figure with the name of its files and the words below it."""

    name: str
    caption: str
    figure: Figure


@contextmanager
def drawing() -> Generator[None]:
    """Draw and save in the house style, whatever settings the surrounding program has."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_RC)
        yield


def new_figure(width: float, height: float) -> Figure:
    """An empty figure, in inches, that no global state knows of."""
    return Figure(figsize=(width, height), dpi=170, layout="constrained")


def panels(count: int, *, height: float, most: int = 3) -> tuple[Figure, list[Axes]]:
    """A page-wide grid of axes that share their scales, `most` in a row."""
    rows = -(-count // most)
    columns = -(-count // rows)
    width = WIDTH_INCHES if columns > 1 else WIDTH_INCHES * 0.62
    figure = new_figure(width, height * rows + 0.5)
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    axes = list(grid.flat)
    for place, spare in enumerate(axes[count:], start=count):
        spare.set_axis_off()
        axes[place - columns].tick_params(labelbottom=True)
    return figure, axes[:count]


def png(drawn: Drawing) -> bytes:
    """The figure as pixels, without date or software."""
    file = BytesIO()
    with drawing():
        FigureCanvasAgg(drawn.figure).print_png(file, metadata={"Software": None})
    return file.getvalue()


def svg(drawn: Drawing) -> bytes:
    """The figure as shapes; letters are paths, so it looks alike everywhere."""
    file = BytesIO()
    with drawing():
        metadata = {"Date": None, "Creator": None}
        FigureCanvasSVG(drawn.figure).print_svg(file, metadata=metadata)
    return _with_numbered_ids(file.getvalue())


def _with_numbered_ids(image: bytes) -> bytes:
    """Ids by their order. matplotlib's are hashes of numbers whose last digit is not always one."""
    names: dict[bytes, bytes] = {}
    return _HASHED_ID.sub(lambda at: names.setdefault(at[0], b"id%d" % len(names)), image)


_HASHED_ID = re.compile(rb'(?<=\bid=")[a-z][0-9a-f]{10}(?=")|(?<=#)[a-z][0-9a-f]{10}(?=[")])')
