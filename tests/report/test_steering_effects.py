from harness.measurement import Measurement
from harness.report.figures.steering_effects import steering_effects
from harness.report.figures.style import drawing, png
from harness.report.material import Material


def moved(value: float, control: str | None, **where: str) -> Measurement:
    return Measurement(
        experiment="direction",
        metric="logit_difference_recovered",
        value=value,
        stderr=0.02,
        n=16,
        seed=0,
        conditions={"model": "m", "operation": "swap", **where},
        control=control,
    )


def test_each_effect_stands_beside_the_random_direction(material: Material) -> None:
    where = {"set": "toy", "direction": "pca", "positions": "all"}
    rows = [moved(0.6, None, **where), moved(0.01, "random_direction", **where)]
    given = Material(material.paper, material.spec, rows, material.verdicts)
    with drawing():
        (found,) = steering_effects(given)
    assert found.name == "logit_difference_recovered.direction"
    axes = found.figure.axes[0]
    assert axes.get_title(loc="left") == "toy"
    assert [text.get_text() for text in axes.get_yticklabels()] == ["pca\nall"]
    drawn = {
        round(float(line.get_xdata()[0]), 2) for line in axes.lines if len(line.get_xdata()) == 1
    }
    assert drawn == {0.6, 0.01}
    assert len(png(found)) > 5_000


def test_rows_of_activation_patching_are_not_taken_for_steering(material: Material) -> None:
    rows = [moved(0.6, None, component="resid_pre", direction="denoise")]
    given = Material(material.paper, material.spec, rows, material.verdicts)
    assert list(steering_effects(given)) == []
