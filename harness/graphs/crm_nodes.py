"""The nodes of a complete replacement model's graph, and how each is written in the file.

A complete replacement model puts low-rank sparse attention (Lorsa) in the place of attention and
transcoders in the place of MLPs. Owns ids, labels and types; ids are those of Neuronpedia's
converter (`apps/graph/neuronpedia_graph/format_converter.py`), so that graphs of both compare.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple, assert_never

from harness.graphs.attribution_graph import Node, cantor

FeatureKind = Literal["transcoder", "lorsa"]
ErrorKind = Literal["mlp_error", "attn_error"]
BiasKind = Literal["lorsa_bQ", "lorsa_bK", "lorsa_bD", "tc_bD", "attn_bO", "mlp_bout"]
CrmKind = FeatureKind | ErrorKind | BiasKind | Literal["embedding", "logit"]


class CrmNode(NamedTuple):
    """A source or a target of effects."""

    kind: CrmKind
    layer: int
    """Of the block; -1 for embeddings and the number of layers for logits."""
    position: int
    """In the prompt's tokens; the last for logits."""
    number: int | None = None
    """Latent of a feature, vocabulary id of an embedding or logit; errors and biases have none."""


class Measured(NamedTuple):
    """What was measured of a node; None where it was not."""

    influence: float | None = None
    activation: float | None = None
    probability: float | None = None


_UNMEASURED = Measured()


def node_id(node: CrmNode) -> str:
    """The id in the file, unlike any other node's."""
    match node.kind:
        case "transcoder":
            return f"{node.layer}_cro_{node.number}_{node.position}"
        case "lorsa":
            return f"{node.layer}_lor_{node.number}_{node.position}"
        case "mlp_error" | "attn_error":
            return f"{node.layer}_error_{_component(node.kind)}_{node.position}"
        case "embedding":
            return f"E_{node.number}_{node.position}"
        case "logit":
            return f"{node.layer}_{node.number}_{node.position}"
        case "lorsa_bQ" | "lorsa_bK" | "lorsa_bD" | "tc_bD" | "attn_bO" | "mlp_bout":
            return f"{node.layer}_bias_{node.kind}_{node.position}"
        case _:
            assert_never(node.kind)


def file_node(
    node: CrmNode, tokens: Sequence[str], token: str | None = None, measured: Measured = _UNMEASURED
) -> Node:
    """The node as the file has it.

    `tokens` are the prompt's; `token` is the text of a logit. A logit must have a probability.
    """
    content: dict[str, object] = {
        "node_id": node_id(node),
        "jsNodeId": node_id(node),
        "feature": _feature(node),
        "layer": "E" if node.kind == "embedding" else str(node.layer),
        "ctx_idx": node.position,
        "feature_type": _type(node.kind),
        "clerp": _label(node, tokens[node.position], token, measured.probability),
    }
    content |= {
        key: value
        for key, value in (
            ("influence", measured.influence),
            ("activation", measured.activation),
            ("token_prob", measured.probability),
        )
        if value is not None
    }
    return Node.model_validate(content)


def _feature(node: CrmNode) -> int | None:
    match node.kind:
        case "transcoder" | "lorsa":
            assert node.number is not None, node
            return cantor(node.layer, node.number)
        case "logit":
            return node.number
        case _:
            return None


def _type(kind: CrmKind) -> str:
    match kind:
        case "transcoder":
            return "cross layer transcoder"
        case "mlp_error":
            return "mlp reconstruction error"
        case "attn_error":
            return "lorsa error"
        case "lorsa" | "embedding" | "logit":
            return kind
        case _:
            return "bias"


def _label(node: CrmNode, at: str, token: str | None, probability: float | None) -> str:
    match node.kind:
        case "transcoder" | "lorsa":
            return ""
        case "mlp_error" | "attn_error":
            return f'Err: {_component(node.kind)} "{at}"'
        case "embedding":
            return f'Emb: "{at}"'
        case "logit":
            assert token is not None, node
            assert probability is not None, node
            return f'Logit "{token}" (p={probability:.3f})'
        case _:
            return f"L{node.layer} Bias ({node.kind})"


def _component(kind: ErrorKind) -> str:
    return kind.removesuffix("_error")
