"""What is not a scalar: graph files for viewers, and a table of all graphs and supernodes."""

from collections.abc import Sequence

from harness.circuits.graph_file import Titled, graph_file
from harness.experiments.circuit_tracing.bench import Bench
from harness.experiments.circuit_tracing.graphs import Checked, graph_scores
from harness.experiments.circuit_tracing.outcomes import Asked
from harness.experiments.circuit_tracing.supernodes import Supernodes
from harness.graphs.attribution_graph import write_graph
from harness.graphs.graph_table import GraphEntry, GraphTable

KEPT = 2
"""Graphs of the first seed that are kept whole."""


def write_graphs(bench: Bench, graphs: Sequence[tuple[Asked, Checked]]) -> None:
    """Write the table, and the first graphs as files."""
    GraphTable(graphs=tuple(_entry(*each) for each in graphs)).dump(
        bench.context.artifact("graphs.json")
    )
    for number, (asked, checked) in enumerate(graphs[:KEPT]):
        prompt = asked.fact.prompt
        file = graph_file(
            bench.replacement,
            Titled(prompt.text, asked.fact.tokens, f"{bench.spec.model}-{prompt.subject}"),
            checked.traced,
            bench.pruning,
            _places(asked.own),
        )
        write_graph(file, bench.context.artifact(f"{number}.graph.json"))


def _entry(asked: Asked, checked: Checked) -> GraphEntry:
    return GraphEntry(
        prompt=asked.fact.prompt.text,
        answer=asked.fact.prompt.answer,
        scores=graph_scores(checked),
        active_features=checked.traced.active_features,
        seconds=round(checked.traced.seconds, 2),
        supernodes={name: tuple(places) for name, places in _places(asked.own).items()},
    )


def _places(supernodes: Supernodes) -> dict[str, list[tuple[int, int, int]]]:
    return {name: [m.place for m in members] for name, members in supernodes.items()}
