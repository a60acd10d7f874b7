"""Heat maps of activation patching, from rows as the experiment writes them."""

import numpy as np
from matplotlib.collections import QuadMesh

from harness.measurement import Measurement
from harness.report.figures.patching_maps import patching_maps
from harness.report.figures.style import Drawing, drawing, png
from harness.report.material import Material

PLACES = {10: "S2", 11: " gave", 12: "END"}


def cell(
    component: str, direction: str, layer: int, value: float, **where: int | str
) -> Measurement:
    conditions = {"model": "m", "component": component, "direction": direction, "layer": layer}
    return Measurement(
        experiment="maps",
        metric="logit_difference_recovered",
        value=value,
        n=32,
        seed=0,
        stderr=0.01,
        conditions={**conditions, **where},
    )


def rows() -> list[Measurement]:
    """Layer 0 carries all of it at S2, layer 1 at the end; head 1.2 alone does so."""
    found: list[Measurement] = []
    for direction in ("denoise", "noise"):
        for layer in (0, 1):
            for token, place in PLACES.items():
                value = 1.0 if (layer, place) in ((0, "S2"), (1, "END")) else 0.0
                found.append(cell("resid_pre", direction, layer, value, place=place, token=token))
            for head in range(4):
                value = 0.7 if (layer, head) == (1, 2) else 0.0
                found.append(cell("z", direction, layer, value, place="END", token=12, head=head))
    return found


def drawn(material: Material) -> dict[str, Drawing]:
    given = Material(material.paper, material.spec, rows(), material.verdicts)
    with drawing():
        return {each.name: each for each in patching_maps(given)}


def values(each: Drawing) -> np.ndarray:
    (mesh,) = [c for c in each.figure.axes[0].collections if isinstance(c, QuadMesh)]
    return np.asarray(mesh.get_array()).reshape(2, -1)


def test_each_direction_has_a_map_of_tokens_and_one_of_heads(material: Material) -> None:
    found = drawn(material)
    assert list(found) == [
        "patching_tokens.maps.denoise",
        "patching_heads.maps.denoise",
        "patching_tokens.maps.noise",
        "patching_heads.maps.noise",
    ]
    assert all("mean of 32 pairs" in each.caption for each in found.values())
    assert len(png(found["patching_tokens.maps.denoise"])) > 5_000


def test_a_cell_shows_what_was_measured_there(material: Material) -> None:
    found = drawn(material)
    tokens = found["patching_tokens.maps.denoise"]
    np.testing.assert_allclose(values(tokens), [[1, 0, 0], [0, 0, 1]])
    labels = [text.get_text() for text in tokens.figure.axes[0].get_xticklabels()]
    assert labels == ["S2", "·gave", "END"]
    np.testing.assert_allclose(
        values(found["patching_heads.maps.denoise"]), [[0, 0, 0, 0], [0, 0, 0.7, 0]]
    )


def test_without_patching_there_is_no_map(material: Material) -> None:
    assert list(patching_maps(material)) == []
