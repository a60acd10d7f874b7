"""Details of a graph's features found in a folder, for the cards of the viewer.

Owns where they are looked for: `{feature}.json` by the file's own feature number, as Neuronpedia
fetches self-hosted ones, or `{layer}/{index}.json`.
"""

from collections.abc import Iterator
from pathlib import Path

from harness.graphs.attribution_graph import FEATURE_TYPES, AttributionGraph, Node, uncantor
from harness.graphs.rules import number_of_layer
from harness.record import HarnessError, read_text


def feature_texts(graph: AttributionGraph, folder: Path) -> dict[str, str]:
    """Node id → text of its feature's file, for features that have one.

    Raises `HarnessError` where the folder holds a file for none of the graph's features.
    """
    features = [node for node in graph.nodes if node.feature_type in FEATURE_TYPES]
    found = {node.node_id: read_text(path) for node in features for path in _paths(node, folder)}
    if not found:
        raise HarnessError(
            f"{folder}: no file for any of the {len(features)} features of "
            f"{graph.metadata.slug}; looked for FEATURE.json and LAYER/INDEX.json"
        )
    return found


def _paths(node: Node, folder: Path) -> Iterator[Path]:
    """The one file of a feature, where there is one."""
    if node.feature is None or node.feature < 0:
        return
    numbered = uncantor(node.feature)
    names = [f"{node.feature}.json"]
    if numbered.layer == number_of_layer(node):
        names.append(f"{numbered.layer}/{numbered.latent}.json")
    yield from [path for name in names if (path := folder / name).is_file()][:1]
