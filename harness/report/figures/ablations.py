"""What ablating heads costs: the loss on repeats and on new tokens, beside random heads."""

from collections.abc import Iterator

from harness.report.figures.beside import beside
from harness.report.figures.style import Drawing
from harness.report.material import Material, Setting

METRIC = "loss_increase"
_BLOCKS = {"later": "tokens that came before", "first": "tokens seen for the first time"}


def ablations(material: Material) -> Iterator[Drawing]:
    """One figure of all experiments that ablated heads on repeated tokens."""
    found = [each for each in material.settings if each.metric == METRIC]
    if found:
        panels = {
            title: [each for each in found if each.conditions["block"] == block]
            for block, title in _BLOCKS.items()
        }
        names = {None: "the heads named", "random_heads": "random heads"}
        figure = beside(panels, _label, axis="rise of the loss (nats)", names=names)
        yield Drawing("ablations", _CAPTION, figure)


_CAPTION = (
    "Rise of the next-token loss on repeated random tokens when heads are ablated: the heads that "
    "match prefixes best, and as many random others. Zero or mean: what stands in for their "
    "output. Patterns kept: later heads attend as in the whole model. Bars are 95 % intervals."
)


def _label(setting: Setting) -> str:
    conditions = setting.conditions
    return f"{conditions['heads']}\n{conditions['ablation']}, patterns {conditions['patterns']}"
