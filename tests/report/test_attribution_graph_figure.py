"""The picture of an attribution graph and its section, from a planted graph."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex

from harness.graphs.arrays import to_arrays
from harness.graphs.attribution_graph import AttributionGraph, write_graph
from harness.graphs.build import build_graph
from harness.graphs.graph_table import GraphEntry, GraphTable
from harness.record import HarnessError
from harness.replication import Replication
from harness.report.comparison import comparisons
from harness.report.figures.all import draw_figures
from harness.report.figures.attribution_graph import (
    GROUP_COLOURS,
    LOWERS,
    MOST_LINKS,
    RAISES,
    attribution_graph,
)
from harness.report.figures.graph_places import place_nodes
from harness.report.figures.style import drawing, png
from harness.report.html import render_html
from harness.report.markdown import render_markdown
from harness.report.material import Material
from harness.report.page import report_page
from harness.report.pictures import TracedGraphs, read_traced
from tests.graphs.planted_graph import EDGES, FEATURES, SIZE, TOKENS, parts
from tests.report import traced

ROOM = 400.0
PIXEL = b"not really a PNG"


def graph(*supernodes: tuple[str, ...]) -> AttributionGraph:
    made = build_graph(parts())
    return made.model_copy(
        update={"qParams": made.qParams.model_copy(update={"supernodes": supernodes})}
    )


def crowded() -> AttributionGraph:
    """Every node of a lower layer reaches every one above it."""
    full = parts()
    layers = np.array([f[0] for f in FEATURES] + [0] * 5 + [1] * 5 + [2] * 5 + [-1] * 5 + [3] * 2)
    rng = np.random.default_rng(0)
    weight = rng.normal(size=(SIZE, SIZE)) * (layers[:, None] > layers[None, :])
    return build_graph(
        full._replace(
            adjacency=weight.astype(np.float32),
            pruned=full.pruned._replace(edge_mask=weight != 0),
        )
    )


def axes_of(given: AttributionGraph) -> Axes:
    with drawing():
        return attribution_graph("traced", given).figure.axes[0]


def collections(axes: Axes, label: str) -> list[PathCollection]:
    found = [each for each in axes.collections if each.get_label() == label]
    assert all(isinstance(each, PathCollection) for each in found)
    return found


def entry(number: int) -> GraphEntry:
    return GraphEntry(
        prompt=f"The city no. {number} is",
        answer=" in",
        scores={
            "graph_nodes": 1234.0,
            "graph_edges": 10.0,
            "replacement_score": 0.5,
            "completeness_score": 0.75,
        },
        active_features=5,
        seconds=1.04,
        supernodes={},
    )


def material(entries: int = 11, files: tuple[str, ...] = ("artifacts/a.0.graph.json",)) -> Material:
    kept = TracedGraphs(
        "traced", files, graph() if files else None, tuple(map(entry, range(entries)))
    )
    return replace(traced.material([]), traced=[kept])


def page(given: Material) -> tuple[str, str]:
    """As Markdown and as HTML."""
    with drawing():
        drawings = draw_figures(given, comparisons(given))
    blocks = report_page(given, comparisons(given), drawings)
    images = {f"figures/{each.name}.png": PIXEL for each in drawings}
    return render_markdown(blocks), render_html("Title", blocks, images)


def test_nodes_stand_above_their_token_and_at_their_layer() -> None:
    given = graph()
    arrays = to_arrays(given)
    places = place_nodes(given, arrays, labels=TOKENS, room=ROOM)
    left, width = places.columns.left, places.columns.width
    assert float(width.sum()) == pytest.approx(ROOM)
    assert not places.columns.upright
    for x, row, node in zip(places.x, places.row, given.nodes, strict=True):
        assert left[node.ctx_idx] < x < left[node.ctx_idx] + width[node.ctx_idx]
        if node.feature_type == "embedding":
            assert row == 0
        elif node.feature_type == "logit":
            assert row == 4
        else:
            assert row == int(node.layer) + 1
    spots = set(zip(places.x.tolist(), places.row.tolist(), strict=True))
    assert len(spots) == len(given.nodes)


def test_labels_are_turned_where_they_have_no_room_and_nodes_still_stay_apart() -> None:
    given = graph()
    places = place_nodes(given, to_arrays(given), labels=["a long label"] * 5, room=120)
    assert places.columns.upright
    assert float(places.columns.width.sum()) == pytest.approx(120)
    two = [p for p, node in enumerate(given.nodes) if node.feature_type == "logit"]
    assert places.x[two[1]] - places.x[two[0]] == pytest.approx(places.step)
    assert places.step > 5


def test_links_have_the_colour_of_their_sign_and_the_width_of_their_weight() -> None:
    (links,) = collections(axes_of(graph()), "links")
    found = sorted(
        (round(float(width), 6), to_hex(colour))
        for width, colour in zip(links.get_linewidths(), links.get_edgecolor(), strict=True)
    )
    assert found == sorted(
        (round(0.5 + 2.7 * abs(weight) / 3.0, 6), RAISES if weight > 0 else LOWERS)
        for weight in EDGES.values()
    )
    assert [width for width, _ in found] == pytest.approx(links.get_linewidths())


def test_of_many_links_the_strongest_are_drawn_and_the_caption_says_so() -> None:
    given = crowded()
    total = len(given.links)
    assert total > MOST_LINKS
    with drawing():
        drawn = attribution_graph("traced", given)
    (links,) = collections(drawn.figure.axes[0], "links")
    strongest = sorted((abs(link.weight) for link in given.links), reverse=True)[:MOST_LINKS]
    widths = sorted(links.get_linewidths(), reverse=True)
    assert widths == pytest.approx([0.5 + 2.7 * each / strongest[0] for each in strongest])
    assert f"the {MOST_LINKS} strongest of {total} links" in drawn.caption
    assert len(png(drawn)) > 10_000


def test_only_members_of_a_supernode_have_its_colour_and_the_legend_names_it() -> None:
    plain, with_group = axes_of(graph()), axes_of(graph(("say Lyon", "2_11_4", "2_900_4")))
    assert coloured(plain) == 0
    assert coloured(with_group) == 2
    assert "“say Lyon”" in legend(with_group)
    assert "“say Lyon”" not in legend(plain)


def coloured(axes: Axes) -> int:
    own = [
        each
        for each in collections(axes, "feature")
        if to_hex(each.get_facecolor()[0]) in GROUP_COLOURS
    ]
    return sum(len(each.get_offsets()) for each in own)


def legend(axes: Axes) -> list[str]:
    figure = axes.get_figure()
    assert figure is not None
    return [text.get_text() for each in figure.legends for text in each.get_texts()]


def test_each_kind_has_its_shape_and_logits_their_probability() -> None:
    axes = axes_of(graph())
    counts = {
        kind: sum(len(each.get_offsets()) for each in collections(axes, kind))
        for kind in ("feature", "error", "embedding", "logit")
    }
    assert counts == {"feature": 5, "error": 1, "embedding": 5, "logit": 2}
    corners = {kind: len(collections(axes, kind)[0].get_paths()[0].vertices) for kind in counts}
    assert corners["error"] == corners["logit"] == 5 < corners["feature"]
    assert [text.get_text() for text in axes.texts] == ["·in  0.60", "·a  0.10"]
    assert [text.get_text() for text in axes.get_yticklabels()] == [
        "embedding",
        "layer 0",
        "layer 1",
        "layer 2",
        "output",
    ]


def test_the_section_has_picture_command_link_and_the_first_rows() -> None:
    markdown, html = page(material())
    assert "## Attribution graphs" in markdown
    assert markdown.count("figures/attribution.traced.png") == 1
    folder = "replications/geometry-of-truth/made"
    command = f"harness graph view {folder}/artifacts/a.0.graph.json --output graph.html"
    assert command in markdown
    assert command in html
    assert "[a.0.graph.json](artifacts/a.0.graph.json)" in markdown
    assert "| The city no. 7 is | in | 1,234 | 10 | 0.500 | 0.750 | 1.0 |" in markdown
    assert "The city no. 8 is" not in markdown
    assert "And 3 more." in markdown


def test_few_graphs_are_shown_whole_and_a_score_that_is_not_there_is_a_dash() -> None:
    bare = entry(0).model_copy(update={"scores": {}})
    given = replace(material(), traced=[TracedGraphs("traced", (), None, (bare,))])
    markdown, _ = page(given)
    assert "| The city no. 0 is | in | — | — | — | — | 1.0 |" in markdown
    assert "more." not in markdown.split("## Attribution graphs")[1].split("##")[0]
    assert "harness graph view" not in markdown
    assert "attribution.traced" not in markdown


def test_without_graphs_there_is_neither_section_nor_figure() -> None:
    markdown, _ = page(traced.material([]))
    assert "Attribution graphs" not in markdown
    assert "attribution." not in markdown


def on_disk(root: Path, **files: AttributionGraph | GraphTable) -> Replication:
    given = traced.material([])
    given.paper.dump(root / "papers" / given.paper.id / "paper.yaml")
    folder = root / "replications" / given.paper.id / given.spec.id
    given.spec.dump(folder / "replication.yaml")
    replication = Replication(folder, given.spec, given.paper)
    for name, content in files.items():
        path = replication.artifact(given.spec.experiments[0], _suffix(name))
        path.parent.mkdir(exist_ok=True)
        if isinstance(content, GraphTable):
            content.dump(path)
        else:
            write_graph(content, path)
    return replication


def _suffix(name: str) -> str:
    names: Mapping[str, str] = {"first": "0.graph.json", "second": "1.graph.json"}
    return names.get(name, "graphs.json")


def test_graphs_are_read_from_the_replications_artifacts(tmp_path: Path) -> None:
    table = GraphTable(graphs=(entry(0),))
    replication = on_disk(tmp_path, first=graph(), second=crowded(), table=table)
    (kept,) = Material.of(replication).traced
    digest = replication.spec.experiments[0].digest[:8]
    assert kept.files == tuple(f"artifacts/traced.{digest}.{n}.graph.json" for n in (0, 1))
    assert kept.graph is not None
    assert len(kept.graph.links) == len(EDGES)
    assert kept.entries == table.graphs


def test_artifacts_that_are_missing_are_passed_over(tmp_path: Path) -> None:
    assert Material.of(on_disk(tmp_path / "none")).traced == []
    (table_only,) = Material.of(
        on_disk(tmp_path / "table", table=GraphTable(graphs=(entry(0),)))
    ).traced
    assert table_only.graph is None
    assert len(table_only.entries) == 1
    (file_only,) = Material.of(on_disk(tmp_path / "file", first=graph())).traced
    assert file_only.graph is not None
    assert file_only.entries == ()


def test_a_file_that_is_no_graph_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.0.graph.json").write_text("{}")
    with pytest.raises(HarnessError, match=r"a\.0\.graph\.json: metadata: this key is required"):
        read_traced("a", tmp_path, tmp_path / "a")
