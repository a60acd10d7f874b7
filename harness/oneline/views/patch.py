"""Activation patching of one pair: the strongest patches, and the map of all."""

import numpy as np

from harness.oneline.patch import Patch
from harness.oneline.views.view import View
from harness.report.figures.heat_map import Sides, heat_map, scale_for
from harness.report.figures.style import Drawing
from harness.report.figures.token_labels import token_label

BEST = 10
"""Patches listed."""
_COMPONENTS = {
    "resid_pre": "the residual stream",
    "attn_out": "attention outputs",
    "mlp_out": "MLP outputs",
    "z": "single heads at the last token",
}


def view(found: Patch) -> View:
    """The patches that change most, and the map."""
    by_head = found.component == "z"
    columns = _columns(found)
    rows = [
        {
            "layer": str(cell.layer),
            "head" if by_head else "token": columns[cell.column],
            **({} if by_head else {"position": str(cell.column)}),
            "effect": f"{cell.effect:.3f}",
            "logit difference": f"{cell.logit_difference:.2f}",
        }
        for cell in found.cells[:BEST]
    ]
    line = (
        f"logit of {token_label(found.answer)} minus {token_label(found.foil)}: "
        f"{found.clean_logit_difference:.2f} clean, {found.corrupted_logit_difference:.2f} "
        f"corrupted; {_effect_words(found)}"
    )
    return View(line, rows, _picture(found, columns))


def _effect_words(found: Patch) -> str:
    if found.direction == "denoise":
        return "effect 1 = a clean activation restores the clean difference"
    return "effect 1 = a corrupted activation brings the corrupted difference"


def _columns(found: Patch) -> list[str]:
    """Heads by number; tokens, both of them where the prompts differ."""
    if found.component == "z":
        return [str(head) for head in range(len(found.effects[0]))]
    return [
        token_label(one) if one == other else f"{token_label(one)}|{token_label(other)}"
        for one, other in zip(found.tokens, found.corrupted_tokens, strict=True)
    ]


def _picture(found: Patch, columns: list[str]) -> Drawing:
    values = np.array(found.effects)
    sides = Sides(
        rows=[str(layer) for layer in range(len(values))],
        columns=columns,
        column_name="head" if found.component == "z" else "token (clean|corrupted)",
    )
    share = "restored" if found.direction == "denoise" else "lost"
    scale = scale_for(values, label=f"share of the logit difference {share}", centre=0.0)
    caption = f"Activation patching ({found.direction}): {_effect_words(found)}."
    title = f"Patching {_COMPONENTS[found.component]} ({found.direction})"
    return heat_map("patch", caption, values, sides=sides, scale=scale, title=title)
