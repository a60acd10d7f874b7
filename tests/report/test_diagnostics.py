"""Absorption, hedging, recovery and cosine maps, from planted rows and arrays."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harness.measurement import Measurement
from harness.replication import Replication
from harness.report.comparison import comparisons
from harness.report.figures.all import draw_figures
from harness.report.figures.architectures import looks
from harness.report.figures.cosine_maps import cosine_maps
from harness.report.figures.diagnostics import hierarchy, recovery
from harness.report.figures.style import Drawing, drawing
from harness.report.material import Material
from harness.report.pictures import CosineMap, read_cosine_maps
from harness.specs import SaeBenchSpec
from tests.report import benched


def only_one(figures: object, material: Material) -> Drawing:
    with drawing():
        (one,) = figures(material)
    return one


def means(one: Drawing, panel: int, architecture: str) -> list[float]:
    label = looks([architecture])[architecture].label
    line = next(e for e in one.figure.axes[panel].get_lines() if e.get_label() == label)
    return [float(value) for value in line.get_ydata()]


def without(*metrics: str) -> list[Measurement]:
    return [row for row in benched.rows() if row.metric not in metrics]


def test_depths_are_those_of_the_sae_nearest_to_the_worlds_l0() -> None:
    one = only_one(hierarchy, benched.material(benched.rows(relative_l0=(0.8, 1.1))))
    titles = [axes.get_title(loc="left") for axes in one.figure.axes]
    assert titles == ["absorption rate", "absorption cosine", "hedging cosine"]
    for panel, value in enumerate((0.3, 0.2, -0.1)):
        expected = [value * 1.1 / (1 + depth) for depth in (0, 1, 2)]
        assert means(one, panel, benched.FIVE[0]) == pytest.approx(expected)
    assert "relative L0 1.1" in one.caption


def test_a_diagnostic_that_was_not_measured_has_no_panel_and_none_at_all_no_figure() -> None:
    one = only_one(hierarchy, benched.material(without("hedging_cosine")))
    assert [axes.get_title(loc="left") for axes in one.figure.axes] == [
        "absorption rate",
        "absorption cosine",
    ]
    assert "hedging cosine:" not in one.caption
    bare = benched.material(benched.rows(diagnostics=False))
    assert [*hierarchy(bare), *recovery(bare)] == []
    assert list(recovery(benched.material(without("feature_recovery")))) == []


def test_recovery_goes_from_the_most_frequent_band_to_the_rarest() -> None:
    one = only_one(recovery, benched.material())
    f1 = benched.scores("standard", 1.0)["latent_f1"]
    expected = [f1 * (1 - 0.08 * band) for band in range(1, 9)]
    assert means(one, 0, "standard") == pytest.approx(expected)
    ticks = [text.get_text() for text in one.figure.axes[0].get_xticklabels()]
    assert ticks[0] == "1\nmost frequent" and ticks[-1] == "8\nrarest" and len(ticks) == 8


def planted_map(architecture: str, relative_l0: float, value: float) -> CosineMap:
    values = np.full((48, 48), value, np.float32)
    return CosineMap("sweep", architecture, relative_l0, values)


def test_each_architecture_has_the_map_nearest_to_the_worlds_l0() -> None:
    maps = [
        planted_map("batchtopk", 0.8, 0.1),
        planted_map("batchtopk", 1.0, 0.2),
        planted_map("standard", 0.8, 0.3),
    ]
    one = only_one(cosine_maps, replace(benched.material(), cosine_maps=maps))
    shown = {axes.get_title(loc="left"): axes.images for axes in one.figure.axes}
    (batchtopk,), (standard,) = shown["BatchTopK"], shown["standard (L1)"]
    assert float(batchtopk.get_array().mean()) == pytest.approx(0.2)
    assert float(standard.get_array().mean()) == pytest.approx(0.3)
    assert batchtopk.get_clim() == standard.get_clim() == (0, 1)
    assert "0.8 and 1 of the first seed" in one.caption
    assert list(cosine_maps(benched.material())) == []


def test_maps_are_found_by_the_names_that_the_spec_gives(tmp_path: Path) -> None:
    spec = SaeBenchSpec.model_validate(
        {
            **benched.spec(relative_l0=(0.75, 1.0)).model_dump(),
            "architectures": [{"name": "topk", "label": "topk.v1.5"}, "standard"],
        }
    )
    wanted = f"topk.v1.5.{spec.target_l0(0.75):g}.map"
    names = (wanted, "gated.7.5.map", wanted.replace(".map", ".rows"))
    path = tmp_path / "a.npz"
    np.savez(path, **{name: np.ones((48, 48), np.float32) for name in names})
    (found,) = read_cosine_maps(spec, path)
    assert found[:3] == ("sweep", "topk.v1.5", 0.75)
    np.savez(path, **{wanted: np.array([{}], object)})
    with pytest.raises(ValueError, match="allow_pickle"):
        list(read_cosine_maps(spec, path))


def test_material_reads_the_maps_of_a_folder(tmp_path: Path) -> None:
    given = benched.material()
    (spec,) = given.spec.experiments
    replication = Replication(tmp_path, given.spec, given.paper)
    assert Material.of(replication).cosine_maps == []
    path = replication.artifact(spec, "cosines.npz")
    path.parent.mkdir()
    name = f"standard.{benched.spec().target_l0(1.0):g}.map"
    np.savez(path, **{name: np.ones((48, 48), np.float32)})
    (found,) = Material.of(replication).cosine_maps
    assert (found.architecture, found.relative_l0) == ("standard", 1.0)


def test_a_benchmark_has_all_its_figures_and_no_other_family_has_them(material: Material) -> None:
    own = {
        "leaderboard.sweep",
        "reconstruction.sweep",
        "precision_recall.sweep",
        "hierarchy.sweep",
        "recovery.sweep",
        "cosine_maps.sweep",
    }
    given = replace(benched.material(), cosine_maps=[planted_map("standard", 1.0, 0.5)])
    assert {each.name for each in draw_figures(given, comparisons(given))} == own
    others = {each.name for each in draw_figures(material, comparisons(material))}
    assert not {name.split(".")[0] for name in others} & {name.split(".")[0] for name in own}
