"""What moving the residual stream along a direction does, beside a random direction."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from matplotlib.figure import Figure

from harness.report.figures.beside import beside
from harness.report.figures.style import Drawing
from harness.report.material import Material, Setting
from harness.report.wording import words

_NAMES = {None: "the direction named", "random_direction": "random direction"}


class _Kind(NamedTuple):
    """An effect that has a figure of its own."""

    metric: str
    axis: str
    panel: str
    """Condition that tells the panels apart."""
    rows: tuple[str, ...]
    """Conditions that name a row."""
    caption: str


_KINDS = (
    _Kind(
        "logit_difference_recovered",
        "share of the logit difference moved",
        "set",
        ("direction", "positions"),
        "The component along each direction exchanged between reviews of opposite sign: share of "
        "the difference between them that is moved.",
    ),
    _Kind(
        "above_chance_lost",
        "share of the accuracy above chance that is lost",
        "set",
        ("direction", "positions"),
        "The component along the direction set to its mean: share of the accuracy above chance "
        "that is lost.",
    ),
    _Kind(
        "indirect_effect",
        "share of the gap between true and false that is moved",
        "way",
        ("train", "direction"),
        "Directions of truth added to false statements and taken from true ones: share of the gap "
        "between the model's answers to true and to false statements.",
    ),
)


def steering_effects(material: Material) -> Iterator[Drawing]:
    """One figure an experiment and kind of effect."""
    for kind in _KINDS:
        found = [each for each in material.settings if _is_of(each, kind)]
        for experiment in dict.fromkeys(each.experiment for each in found):
            own = [each for each in found if each.experiment == experiment]
            caption = f"{kind.caption} Experiment {experiment}; bars are 95 % intervals."
            yield Drawing(f"{kind.metric}.{experiment}", caption, _draw(own, kind))


def _is_of(setting: Setting, kind: _Kind) -> bool:
    """Activation patching has rows of the first metric too, without a direction."""
    named = {kind.panel, *kind.rows} <= setting.conditions.keys()
    return setting.metric == kind.metric and named


def _draw(found: Sequence[Setting], kind: _Kind) -> Figure:
    titles = dict.fromkeys(str(each.conditions[kind.panel]) for each in found)
    panels = {
        words(title): [each for each in found if each.conditions[kind.panel] == title]
        for title in titles
    }

    def label(setting: Setting) -> str:
        return "\n".join(words(str(setting.conditions[key])) for key in kind.rows)

    return beside(panels, label, axis=kind.axis, names=_NAMES)
