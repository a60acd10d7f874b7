"""Graphs and interventions on prompts that ask for facts, seed by seed."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch

from harness.circuits.changes import active_latents
from harness.experiments.circuit_tracing.bench import Bench, generator
from harness.experiments.circuit_tracing.effect_rows import Tried, effect_rows
from harness.experiments.circuit_tracing.graph_files import write_graphs
from harness.experiments.circuit_tracing.graphs import (
    Checked,
    checked_trace,
    graph_rows,
    share_through,
)
from harness.experiments.circuit_tracing.motifs import motif_rows
from harness.experiments.circuit_tracing.outcomes import Asked, arms_of, see
from harness.experiments.circuit_tracing.prompts import (
    LEAST,
    Family,
    Pair,
    draw_pairs,
    read_family,
)
from harness.experiments.circuit_tracing.supernodes import (
    Supernodes,
    find_supernodes,
    random_members,
)
from harness.experiments.scored import scored, units_digest
from harness.manifest import DataUsed
from harness.measurement import Measurement
from harness.specs.circuit_tracing import RANDOM_FEATURES, Facts


class _Found(NamedTuple):
    """The graph of one prompt and its supernodes."""

    checked: Checked
    supernodes: Supernodes


def fact_rows(bench: Bench, task: Facts) -> Iterator[Measurement]:
    """Every quantity of the task."""
    family = read_family(bench, task)
    _note(bench, task, family)
    units = units_digest(fact.prompt.text for fact in family.facts)
    graphs: dict[int, _Found] = {}
    for seed in bench.spec.seeds:
        yield scored(
            bench.spec,
            "fact_accuracy",
            family.right.double(),
            seed=seed,
            conditions=bench.spec.base(steps=task.steps),
            units=units,
        )
        pairs = draw_pairs(bench, task, family, seed)
        _trace_all(bench, task, family, pairs, graphs, seed)
        yield from _seed_rows(bench, task, family, pairs, graphs, seed)
        if seed == bench.spec.seeds[0]:
            write_graphs(
                bench, [(_asked(family, p, graphs), graphs[p.asked].checked) for p in pairs]
            )


def _trace_all(
    bench: Bench,
    task: Facts,
    family: Family,
    pairs: Sequence[Pair],
    graphs: dict[int, _Found],
    seed: int,
) -> None:
    """The graphs of the prompts and of their foils; those of an earlier seed are there already."""
    wanted = list(dict.fromkeys(n for pair in pairs for n in pair))
    for done, number in enumerate(wanted):
        if number not in graphs:
            checked = checked_trace(bench, family.facts[number].tokens)
            found = find_supernodes(task, family, number, checked.traced, bench.spec.supernode_size)
            graphs[number] = _Found(checked, found)
        bench.context.progress(f"graphs, seed {seed}", done + 1, len(wanted))


def _seed_rows(
    bench: Bench,
    task: Facts,
    family: Family,
    pairs: Sequence[Pair],
    graphs: dict[int, _Found],
    seed: int,
) -> Iterator[Measurement]:
    base = bench.spec.base(steps=task.steps)
    units = units_digest(family.facts[pair.asked].prompt.text for pair in pairs)
    checked = [graphs[pair.asked].checked for pair in pairs]
    yield from graph_rows(bench, checked, seed=seed, conditions=base, units=units)
    asked = [_asked(family, pair, graphs) for pair in pairs]
    yield from _path_rows(bench, task, asked, checked, seed)
    tried: list[Tried] = []
    for number, each in enumerate(asked):
        arms = arms_of(bench, task, each, seed, number)
        tried.append(Tried(each, see(bench, each, family, arms)))
        bench.context.progress(f"interventions, seed {seed}", number + 1, len(asked))
    yield from effect_rows(bench, task, tried, seed)
    tokens = [each.fact.tokens for each in asked[: bench.spec.motif_graphs]]
    traced = [each.traced for each in checked[: bench.spec.motif_graphs]]
    yield from motif_rows(bench, tokens, traced, seed=seed, conditions=base)


def _asked(family: Family, pair: Pair, graphs: dict[int, _Found]) -> Asked:
    return Asked(
        family.facts[pair.asked],
        family.facts[pair.foil],
        graphs[pair.asked].supernodes,
        graphs[pair.foil].supernodes,
    )


def _path_rows(
    bench: Bench,
    task: Facts,
    asked: Sequence[Asked],
    checked: Sequence[Checked],
    seed: int,
) -> Iterator[Measurement]:
    """What goes through each supernode, and through as many random latents beside it."""
    layers = bench.lm.n_layers
    tokens = [each.fact.tokens[None] for each in asked]
    active = [
        [layer[0] for layer in active_latents(bench.lm, bench.transcoders, each)] for each in tokens
    ]
    for name in task.supernodes:
        having = [(n, e) for n, e in enumerate(asked) if e.own[name]]
        if len(having) < LEAST:
            continue
        real: list[float] = []
        random: list[float] = []
        for number, each in having:
            members, traced = each.own[name], checked[number].traced
            source = generator(seed, number, len(name))
            drawn = [
                random_members(bench.transcoders, active[number], members, source)
                for _ in range(bench.spec.random_draws)
            ]
            real.append(share_through(traced, each, members, layers))
            shares = [share_through(traced, each, some, layers) for some in drawn]
            random.append(sum(shares) / len(shares))
        units = units_digest(each.fact.prompt.text for _number, each in having)
        for control, values in ((None, real), (RANDOM_FEATURES, random)):
            yield scored(
                bench.spec,
                "path_share",
                torch.tensor(values, dtype=torch.float64).clamp(0, 1),
                seed=seed,
                conditions=bench.spec.base(steps=task.steps, supernode=name),
                control=control,
                units=units,
            )


def _note(bench: Bench, task: Facts, family: Family) -> None:
    from harness.data.content_hash import content_hash

    texts = [(fact.prompt.text, fact.prompt.answer) for fact in family.facts]
    bench.context.data[f"{task.steps} prompts"] = DataUsed(
        source="generated", sha256=content_hash(texts), statements=len(texts)
    )
