"""The tables of `harness graph`, for people."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from harness.cli.show import relative, table
from harness.report.wording import counted

if TYPE_CHECKING:
    from harness.graphs.diff import GraphDiff, LinkPair, NodePair
    from harness.graphs.findings import Finding
    from harness.graphs.motif_report import MotifReport
    from harness.graphs.summary import GraphSummary
    from harness.graphs.supernode_report import SuggestedSupernode

_OF_ONE_RULE = 10
"""Findings of one rule that are shown; a file may have thousands."""
_LABEL = 32
_SHORT = {
    "cross layer transcoder": "feature",
    "lorsa": "attention feature",
    "mlp reconstruction error": "MLP error",
    "lorsa error": "attention error",
}


def show_findings(found: "Sequence[Finding]") -> None:
    """Print the findings, errors first, and how many are not shown."""
    if not found:
        typer.echo("no findings")
        return
    seen: Counter[str] = Counter()
    rows: list[dict[str, str]] = []
    for each in sorted(found, key=lambda finding: finding.severity):
        seen[each.rule] += 1
        if seen[each.rule] <= _OF_ONE_RULE:
            rows.append(
                {
                    "rule": each.rule,
                    "severity": each.severity,
                    "where": each.where,
                    "what": each.message,
                }
            )
    _table(rows)
    for rule, count in seen.items():
        if count > _OF_ONE_RULE:
            typer.echo(f"{rule}: {count - _OF_ONE_RULE} more (--json tells all)")
    errors = sum(each.severity == "error" for each in found)
    typer.echo(f"{counted(errors, 'error')}, {counted(len(found) - errors, 'warning')}")


def show_summary(found: "GraphSummary") -> None:
    """Print what a graph holds."""
    typer.echo(f"{found.slug} ({found.scan}): {found.prompt!r}")
    kinds = ", ".join(counted(count, _short(kind)) for kind, count in found.nodes_by_type.items())
    typer.echo(
        f"{counted(found.tokens, 'token')}, {counted(found.nodes, 'node')} ({kinds}), "
        f"{counted(found.links, 'link')}"
    )
    if found.unresolved_links:
        typer.echo(f"{counted(found.unresolved_links, 'link')} to ids that are no node, left out")
    typer.echo(
        f"replacement score {_shown(found.replacement_score)}, "
        f"completeness score {_shown(found.completeness_score)}"
    )
    typer.echo("logits: " + ", ".join(logit.label for logit in found.logits))
    _table(
        {
            "node": node.node_id,
            "type": _short(node.feature_type),
            "token": node.token,
            "label": _cut(node.label),
            "influence": _shown(node.influence),
            "activation": _shown(node.activation),
        }
        for node in found.top_nodes
    )
    _table(
        {"source": link.source, "target": link.target, "weight": _signed(link.weight)}
        for link in found.top_links
    )


def show_diff(found: "GraphDiff", top: int) -> None:
    """Print what two graphs share, and the greatest changes."""
    for name, side in (("left", found.left), ("right", found.right)):
        typer.echo(f"{name}: {side.slug} ({side.scan}): {side.prompt!r}")
        if side.unresolved_links:
            typer.echo(f"{counted(side.unresolved_links, 'link')} to ids that are no node")
    if found.left.scan != found.right.scan:
        typer.echo("two models: features are the same only where the transcoders are")
    typer.echo(
        f"{counted(len(found.tokens), 'token')} answer to each other by {found.alignment}; nodes: "
        f"{len(found.shared)} shared, {len(found.only_left)} only left, "
        f"{len(found.only_right)} only right"
    )
    typer.echo(
        f"features: Jaccard {_shown(found.feature_jaccard)} "
        f"(anywhere in the prompt {_shown(found.feature_jaccard_anywhere)}), "
        f"weighted overlap {_shown(found.feature_weighted_overlap)}; "
        f"links among shared nodes: Jaccard {_shown(found.link_jaccard)}"
    )
    for title, pairs in (
        ("shared", found.shared),
        ("only left", found.only_left),
        ("only right", found.only_right),
    ):
        typer.echo(f"{title}, greatest change of influence first")
        _table(_node_row(pair) for pair in pairs[:top])
    typer.echo("links, greatest change first")
    _table(_link_row(link) for link in found.links[:top])


def show_motifs(found: "MotifReport") -> None:
    """Print counts against the null, with what makes them hard to read."""
    typer.echo(
        f"{counted(found.nodes, 'node')}, {counted(found.links, 'link')}; left out: "
        f"{counted(found.dropped_nodes, 'node')} (errors, biases) and "
        f"{counted(found.dropped_links, 'link')}"
    )
    typer.echo(
        f"{counted(found.draws, 'random graph')} with the degrees of each pair of layers, "
        f"{found.swaps_per_edge} tries a link, {_shown(found.acceptance)} of them made"
    )
    if not found.mixed:
        typer.echo("the random graphs are not mixed: raise --swaps")
    _table(
        {
            "motif": motif.motif,
            "count": f"{motif.count:,}",
            "null": f"{motif.null_mean:,.1f} ({motif.null_min}–{motif.null_max})",
            "excess": _signed(motif.excess_fraction, percent=True),
            "percentile": _shown(motif.percentile),
            "z": _signed(motif.z),
        }
        for motif in found.motifs
    )
    typer.echo(
        "ffl, fan_in, fan_out and chain are one degree of freedom under this null: z of the last "
        "three is that of ffl with the sign turned"
    )


def show_supernodes(found: "Sequence[SuggestedSupernode]", output: Path | None) -> None:
    """Print the groups, best score first."""
    _table(
        {
            "label": _cut(group.label),
            "nodes": ", ".join(group.node_ids),
            "within": _shown(group.within),
            "outside": _shown(group.outside),
            "score": _shown(group.score),
        }
        for group in found
    )
    if output is not None:
        typer.echo(f"graph: {relative(output)}")


def _node_row(pair: "NodePair") -> dict[str, object]:
    left, right = pair.left, pair.right
    seen = left or right
    assert seen is not None, pair
    return {
        "node": seen.node_id,
        "type": _short(pair.feature_type),
        "token": seen.token,
        "label": _cut(seen.label),
        "influence": f"{_shown(left and left.influence)} → {_shown(right and right.influence)}",
        "activation": f"{_shown(left and left.activation)} → {_shown(right and right.activation)}",
    }


def _link_row(link: "LinkPair") -> dict[str, object]:
    return {
        "source": link.source,
        "target": link.target,
        "left": _signed(link.left),
        "right": _signed(link.right),
        "change": _signed(link.change),
    }


def _table(rows: Iterable[Mapping[str, object]]) -> None:
    """As `show.table`; text of a file is no markup."""
    from rich.markup import escape

    table(
        [
            {key: escape(value) if isinstance(value, str) else value for key, value in row.items()}
            for row in rows
        ]
    )


def _short(feature_type: str) -> str:
    return _SHORT.get(feature_type, feature_type)


def _cut(text: str) -> str:
    return text if len(text) <= _LABEL else text[: _LABEL - 1] + "…"


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}"


def _signed(value: float | None, *, percent: bool = False) -> str:
    if value is None:
        return "–"
    return f"{value:+.1%}" if percent else f"{value:+.3g}"
