"""The logit lens as a table of layers and a map of tokens."""

from itertools import takewhile

import numpy as np

from harness.oneline.lens import Lens
from harness.oneline.views.view import View
from harness.report.figures.heat_map import Scale, Sides, heat_map
from harness.report.figures.style import Drawing
from harness.report.figures.token_labels import token_label, token_labels


def view(found: Lens) -> View:
    """The last layer stands first, as the stream flows upward in the picture."""
    rows = [
        {
            "after": str(each.layer),
            "likeliest": token_label(each.top[0].token),
            "P(likeliest)": f"{each.top[0].probability:.3f}",
            "then": "  ".join(token_label(guess.token) for guess in each.top[1:]),
            "rank of answer": f"{each.answer_rank:,}",
            "P(answer)": f"{each.answer_probability:.3f}",
        }
        for each in reversed(found.readings)
    ]
    return View(_line(found), rows, _picture(found))


def _line(found: Lens) -> str:
    read, answer = token_label(found.tokens[found.position]), token_label(found.answer)
    leading = list(takewhile(lambda each: each.answer_rank == 1, reversed(found.readings)))
    since = f"the likeliest from {leading[-1].layer} on" if leading else "not the likeliest"
    return f"read at {read} (position {found.position}); the answer {answer} is {since}"


def _picture(found: Lens) -> Drawing:
    values = np.array([[guess.probability for guess in row] for row in found.map])
    sides = Sides(
        rows=[str(each.layer) for each in found.readings],
        columns=token_labels([found.tokens[place] for place in found.columns]),
        row_name="after layer",
        column_name="token that was read last",
        cells=[[token_label(guess.token, longest=10) for guess in row] for row in found.map],
    )
    scale = Scale("probability of the likeliest next token", 0.0, 1.0)
    caption = "The likeliest next token if the model ended after each layer."
    title = f"Logit lens; the answer is {token_label(found.answer)}"
    return heat_map("lens", caption, values, sides=sides, scale=scale, title=title)
