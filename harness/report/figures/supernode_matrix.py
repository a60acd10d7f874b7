"""What each intervention leaves of every supernode's activation, in per cent of the clean prompt's.

A supernode that the intervention itself sets is hatched: its activation says nothing.
"""

from collections.abc import Iterator, Sequence
from typing import assert_never

import numpy as np
from matplotlib.figure import Figure

from harness.measurement import Condition
from harness.report.figures.heat_map import Scale, Sides, colour_bar, heat
from harness.report.figures.intervention_effects import RANDOM, RUN_TITLES
from harness.report.figures.style import WIDTH_INCHES, Drawing, new_figure
from harness.report.material import Material, Setting
from harness.report.wording import words
from harness.specs import CircuitTracingSpec
from harness.specs.circuit_tracing import SWAP, Facts, Named

METRICS = ("supernode_activation", "mean_latent_activation")
SCALE = Scale("activation, share of clean", 0, 2, diverging=True)
"""White is unchanged; what is under 0 or over 2 has the end's colour and its own number."""


def supernode_matrix(material: Material) -> Iterator[Drawing]:
    """One figure an experiment, or one for each prompt whose supernodes were named."""
    for spec in material.spec.experiments:
        if not isinstance(spec, CircuitTracingSpec):
            continue
        found = [each for each in material.settings if _is_of(each, spec)]
        for prompt in dict.fromkeys(each.conditions.get("prompt") for each in found):
            own = [each for each in found if each.conditions.get("prompt") == prompt]
            name = ".".join(str(part) for part in ("supernodes", spec.id, prompt) if part)
            about = f"experiment {spec.id}" + (f", prompt {prompt}" if prompt else "")
            yield Drawing(name, _CAPTION.format(about), _draw(spec, own))


def _is_of(setting: Setting, spec: CircuitTracingSpec) -> bool:
    mine = setting.experiment == spec.id and setting.metric in METRICS
    return mine and setting.conditions["intervention"] != "none"


def _draw(spec: CircuitTracingSpec, own: Sequence[Setting]) -> Figure:
    """Frozen, not frozen, and random latents: the same rows and columns thrice."""
    changes = list(dict.fromkeys(str(each.conditions["intervention"]) for each in own))[::-1]
    nodes = list(dict.fromkeys(str(each.conditions["supernode"]) for each in own))
    panels = {
        **{title: _part(own, run, None) for run, title in RUN_TITLES.items()},
        f"{RANDOM},\nattention frozen": _part(own, "replacement", "random_features"),
    }
    shown = {title: part for title, part in panels.items() if part}
    longest = max(map(len, nodes))
    figure = new_figure(WIDTH_INCHES, 1.5 + 0.25 * len(changes) + 0.055 * longest)
    grid = figure.subplots(1, len(shown), sharey=True, squeeze=False)[0]
    for axes, (title, part) in zip(grid, shown.items(), strict=True):
        values = _values(spec, part, changes, nodes)
        cells = [["" if np.isnan(v) else f"{100 * v:.0f}" for v in row] for row in values]
        sides = Sides([*map(words, changes)], [*map(words, nodes)], cells=cells)
        heat(axes, values, sides=sides, scale=SCALE)
        axes.set_title(title)
    grid[0].set_ylabel("what is changed")
    figure.supxlabel("activation of", fontsize=9)
    colour_bar(figure, [*grid], SCALE)
    return figure


def _part(own: Sequence[Setting], run: str, control: str | None) -> list[Setting]:
    return [each for each in own if each.conditions["run"] == run and each.control == control]


def _values(
    spec: CircuitTracingSpec, part: Sequence[Setting], changes: Sequence[str], nodes: Sequence[str]
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """[changes, nodes]; NaN where nothing was measured, or where the change sets the supernode."""
    values = np.full((len(changes), len(nodes)), np.nan)
    for each in part:
        change, node = (str(each.conditions[key]) for key in ("intervention", "supernode"))
        if each.control is not None or node not in _set_by(spec, change):
            values[changes.index(change), nodes.index(node)] = each.estimate.mean
    return values


def _set_by(spec: CircuitTracingSpec, change: Condition) -> set[str]:
    match spec.task:
        case Facts():
            return {spec.task.swapped if change == SWAP else str(change)}
        case Named():
            return set(spec.task.changes[str(change)].factors)
        case _:
            assert_never(spec.task)


_CAPTION = (
    "Activation of each supernode's latents under each intervention, in per cent of that on the "
    "clean prompt; {}. 100: unchanged. Hatched: set by the intervention itself. To the right the "
    "same supernodes when random latents are changed in their place."
)
