"""Head maps and ablations of the planted induction circuit, read from the figure objects."""

import pytest
from matplotlib.collections import QuadMesh
from matplotlib.patches import Rectangle

from harness.experiments import attention
from harness.experiments.context import Context
from harness.paper import PaperSpec
from harness.report.figures.ablations import ablations
from harness.report.figures.head_maps import head_maps
from harness.report.figures.style import Drawing, drawing
from harness.report.material import Material
from harness.specs import AttentionSpec, ReplicationSpec
from tests.planted import INDUCTION_HEAD, N_HEADS, N_LAYERS, planted_induction
from tests.report import conftest as planted_report

SPEC = AttentionSpec(
    family="attention",
    id="heads",
    model="smollm2-135m-instruct",
    seeds=(0, 1),
    sequences=4,
    ablated_sequences=4,
    copied_tokens=30,
    top=(1, 2),
)


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    context = Context(tmp_path_factory.mktemp("heads") / "heads", device="cpu")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(attention, "load_model", lambda *_, **__: planted_induction())
        rows = list(attention.run(SPEC, context))
    spec = ReplicationSpec(id="planted", paper="geometry-of-truth", experiments=(SPEC,))
    paper: PaperSpec = planted_report.paper()
    return Material(paper=paper, spec=spec, measurements=rows, verdicts=[])


@pytest.fixture(scope="module")
def drawn(material: Material) -> Drawing:
    with drawing():
        (one,) = head_maps(material)
    return one


def test_each_score_has_a_map_of_all_heads_with_the_planted_one_darkest(drawn: Drawing) -> None:
    maps = {axes.get_title(loc="left"): axes for axes in drawn.figure.axes}
    assert {"prefix matching", "previous token", "duplicate token", "copying"} <= maps.keys()
    (mesh,) = [c for c in maps["prefix matching"].collections if isinstance(c, QuadMesh)]
    values = mesh.get_array()
    assert values.shape == (N_LAYERS, N_HEADS)
    assert divmod(int(values.argmax()), N_HEADS) == INDUCTION_HEAD


def test_the_best_heads_are_named_and_the_chosen_ones_framed(drawn: Drawing) -> None:
    axes = next(a for a in drawn.figure.axes if a.get_title(loc="left") == "prefix matching")
    assert "1.2: 1.00" in axes.get_xlabel()
    frames = [p for p in axes.patches if isinstance(p, Rectangle)]
    centres = {(p.get_y() + 0.5, p.get_x() + 0.5) for p in frames}
    assert len(frames) == 2
    assert INDUCTION_HEAD in centres
    assert "1.2" in drawn.caption


def test_ablations_show_the_named_heads_beside_random_ones(material: Material) -> None:
    with drawing():
        (one,) = ablations(material)
    later, first = one.figure.axes
    names = [text.get_text() for text in one.figure.legends[0].get_texts()]
    assert names == ["the heads named", "random heads"]
    ticks = [tick.get_text() for tick in later.get_yticklabels()]
    assert "induction-1\nzero, patterns kept" in ticks
    assert later.get_xlim() == first.get_xlim()
    farthest = max(max(line.get_xdata()) for line in later.get_lines() if len(line.get_xdata()))
    assert farthest > 3


def test_other_families_have_neither(drawn: Drawing) -> None:
    other = planted_report.planted()
    assert drawn.name == "head_scores.heads"
    assert [*head_maps(other), *ablations(other)] == []
