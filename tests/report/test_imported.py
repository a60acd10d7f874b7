from pathlib import Path

from harness.replication import Replication
from harness.report.html import render_html
from harness.report.markdown import render_markdown
from harness.report.material import Material
from harness.report.sections.imported import imported_section

CHECKOUT = Path(__file__).parents[2]
FOLDER = CHECKOUT / "replications/geometry-of-truth/zachgoldfine44-qwen2.5-1.5b"


def material() -> Material:
    return Material.of(Replication.open(FOLDER))


def test_their_verdict_stands_beside_the_one_here() -> None:
    page = render_markdown(imported_section(material())).replace("\u00a0", " ")
    (line,) = (
        line for line in page.splitlines() if "at least 0.5 wanted" in line and "neg" in line
    )
    cells = [cell.strip() for cell in line.strip("|").split(" | ")]
    assert cells[1] == "diagonal dominance 0.5, at least 0.5 wanted"
    assert cells[2] == "<code>success</code>"
    assert cells[3] == "0.260 \\[0.183, 0.355\\], below chance (0.5)"
    assert "negation-flips-lr" in cells[4]
    assert "inconclusive" in cells[4]


def test_chance_is_told_apart_where_the_interval_tells() -> None:
    page = render_markdown(imported_section(material())).replace("\u00a0", " ")
    assert "0.990 \\[0.964, 0.997\\], above chance (0.5)" in page
    assert "0.580 \\[0.480, 0.674\\], not told from chance (0.5)" in page


def test_every_file_is_led_to_at_its_commit() -> None:
    (experiment,) = material().spec.experiments
    assert experiment.family == "imported"
    page = render_markdown(imported_section(material()))
    for number in experiment.numbers:
        assert f"{experiment.repository}/blob/{experiment.commit[:12]}/{number.file}" in page


def test_running_again_is_not_said_to_run_a_model() -> None:
    assert "does not run the model" in render_markdown(imported_section(material()))


def test_a_hostile_name_is_text() -> None:
    real = material()
    spec = real.spec.model_copy(update={"authors": ("<script>alert(1)</script>",)})
    changed = Material(real.paper, spec, real.measurements, real.verdicts)
    page = render_html("t", imported_section(changed), {})
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_what_was_measured_here_has_no_such_section() -> None:
    own = CHECKOUT / "replications/geometry-of-truth/smollm2-135m-instruct"
    assert imported_section(Material.of(Replication.open(own))) == []
