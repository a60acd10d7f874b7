from harness.graphs.attribution_graph import AttributionGraph, Link, Metadata, Node, QParams
from harness.graphs.error_ids import reidentify, shared_ids
from tests.graphs.planted_graph import sound_graph

LAYERS = 9
FEATURE, ERROR = "cross layer transcoder", "mlp reconstruction error"


def made(node_id: str, layer: int, kind: str = FEATURE) -> Node:
    return Node(
        node_id=node_id,
        feature=1,
        layer=str(layer),
        ctx_idx=3,
        feature_type=kind,
        jsNodeId=node_id,
        clerp="",
    )


def graph(*links: tuple[str, str]) -> AttributionGraph:
    """Feature 5 of layer 0 and the error of layer 5 at one position: both `0_5_3`.

    Order of circuit-tracer: features, errors, logits.
    """
    nodes = (
        made("0_5_3", 0),
        made("0_8_3", 0),
        made("4_1_3", 4),
        made("8_1_3", 8),
        made("8_2_3", 8),
        made("0_5_3", 5, ERROR),
        made("0_6_3", 6, ERROR),
        made("10_1_3", 10, "logit"),
    )
    return AttributionGraph(
        metadata=Metadata(slug="a", scan="b", prompt_tokens=("a", "b", "c", "d"), prompt="abcd"),
        qParams=QParams(),
        nodes=nodes,
        links=tuple(Link(source=s, target=t, weight=1.0) for s, t in links),
    )


def sources(*links: tuple[str, str]) -> list[str]:
    return [link.source for link in reidentify(graph(*links)).graph.links]


def test_the_error_is_renamed_and_the_feature_keeps_its_id() -> None:
    nodes = reidentify(graph()).graph.nodes
    assert [node.node_id for node in nodes if node.layer in ("0", "5")] == [
        "0_5_3",
        "0_8_3",
        "5_error_3",
    ]
    assert nodes[6].node_id == "0_6_3", "an error that shares no id keeps it"


def test_a_link_to_a_layer_not_above_the_error_is_the_features() -> None:
    assert sources(("0_5_3", "4_1_3")) == ["0_5_3"]


def test_a_link_after_a_later_features_is_the_errors() -> None:
    assert sources(("4_1_3", "8_1_3"), ("0_5_3", "8_1_3")) == ["4_1_3", "5_error_3"]


def test_a_link_before_another_features_is_the_features() -> None:
    assert sources(("0_5_3", "8_1_3"), ("0_8_3", "8_1_3")) == ["0_5_3", "0_8_3"]


def test_of_two_links_of_the_same_words_the_second_is_the_errors() -> None:
    assert sources(("0_5_3", "8_1_3"), ("0_5_3", "8_1_3")) == ["0_5_3", "5_error_3"]


def test_the_order_is_that_within_one_target() -> None:
    links = (("4_1_3", "8_1_3"), ("0_5_3", "8_2_3"), ("4_1_3", "8_2_3"), ("0_5_3", "8_1_3"))
    assert sources(*links) == ["4_1_3", "0_5_3", "4_1_3", "5_error_3"]


def test_what_nothing_tells_apart_stays_the_features_and_is_counted() -> None:
    found = reidentify(graph(("0_5_3", "8_1_3"), ("0_6_3", "8_1_3")))
    assert found.ambiguous == 1
    assert found.graph.links[0].source == "0_5_3"


def test_links_that_do_not_stand_in_circuit_tracers_order_tell_nothing_by_order() -> None:
    found = reidentify(graph(("0_6_3", "8_1_3"), ("4_1_3", "8_1_3"), ("0_5_3", "8_1_3")))
    assert found.ambiguous == 1


def test_a_link_to_the_shared_id_goes_to_the_feature_since_errors_have_no_inputs() -> None:
    found = reidentify(graph(("0_8_3", "0_5_3")))
    assert found.graph.links[0].target == "0_5_3"


def test_a_graph_without_shared_ids_comes_back_as_it_is() -> None:
    assert reidentify(sound_graph()) == (sound_graph(), (), 0)


def test_two_features_of_one_id_are_not_taken_for_a_feature_and_an_error() -> None:
    assert shared_ids((made("0_5_3", 0), made("0_5_3", 1))) == {}
