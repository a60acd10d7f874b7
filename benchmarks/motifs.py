"""The layer-pair null: swaps side by side against a plain loop, and how far the tries go.

    .venv/bin/python -m benchmarks.motifs [--json]

The graph is random, of the size of a published attribution graph pruned for viewing: 83 nodes of 19
layers, 1,700 edges. The plain loop is what circuit-motifs does, an edge pair at a time; it draws 5
graphs, and its time is scaled to as many as ours. Both take 10 tries per edge.
"""

import argparse
import json
import time
from collections.abc import Iterator

import numpy as np

from harness.ops.layer_pair_null import layer_pair_null, pair_of_edge
from harness.ops.motifs import LayeredGraph, compare

NODES, LAYERS, EDGES = 83, 19, 1700
DRAWS, PLAIN_DRAWS, TRIES = 200, 5, 10


def random_graph(seed: int) -> LayeredGraph:
    """Edges drawn evenly among all that go up."""
    generator = np.random.default_rng(seed)
    layer = np.sort(generator.integers(-1, LAYERS - 1, NODES))
    sources, targets = np.nonzero(layer[:, None] < layer)
    kept = np.sort(generator.choice(len(sources), EDGES, replace=False))
    return LayeredGraph(layer, sources[kept], targets[kept], generator.normal(size=EDGES))


def swap_in_a_loop(graph: LayeredGraph, generator: np.random.Generator) -> int:
    """Swaps made in `TRIES` tries per edge."""
    pair, made = pair_of_edge(graph), 0
    for number in range(pair.max() + 1):
        edges = [
            (int(graph.source[e]), int(graph.target[e])) for e in np.flatnonzero(pair == number)
        ]
        there = set(edges)
        for _ in range(TRIES * len(edges)):
            first, second = generator.integers(0, len(edges), 2)
            (a, b), (c, d) = edges[first], edges[second]
            if (a, d) not in there and (c, b) not in there:
                there -= {(a, b), (c, d)}
                there |= {(a, d), (c, b)}
                edges[first], edges[second] = (a, d), (c, b)
                made += 1
    return made


def measure(graph: LayeredGraph) -> Iterator[dict[str, float | int | str | bool | None]]:
    """One record for the plain loop and one for each number of tries."""
    generator = np.random.default_rng(0)
    began = time.perf_counter()
    for _ in range(PLAIN_DRAWS):
        swap_in_a_loop(graph, generator)
    seconds = (time.perf_counter() - began) * DRAWS / PLAIN_DRAWS
    yield {"way": "plain loop, swaps alone", "tries_per_edge": TRIES, "seconds": seconds}
    for tries in (2, TRIES, 20, 50, 200):
        began = time.perf_counter()
        null = layer_pair_null(graph, draws=DRAWS, swaps_per_edge=tries, seed=0, keep_signs=True)
        yield {
            "way": "ours, with counts",
            "tries_per_edge": tries,
            "seconds": time.perf_counter() - began,
            "made_per_edge": null.made_per_edge,
            "mixed": null.mixed,
            "ffl_percentile": compare(graph, null)[0].percentile,
        }


def main() -> None:
    """Print a line, or a record, for each measurement."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true")
    as_json: bool = parser.parse_args().json
    for record in measure(random_graph(0)):
        told = {key: round(x, 3) if isinstance(x, float) else x for key, x in record.items()}
        print(json.dumps(record) if as_json else "  ".join(f"{k} {v}" for k, v in told.items()))


if __name__ == "__main__":
    main()
