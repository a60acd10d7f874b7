"""Graphs and interventions on prompts whose supernodes someone picked by hand."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from harness.circuits.changes import Change, Place, active_latents, run_changed
from harness.experiments.circuit_tracing.bench import Bench, generator
from harness.experiments.circuit_tracing.graphs import checked_trace, graph_rows
from harness.experiments.circuit_tracing.motifs import motif_rows
from harness.experiments.circuit_tracing.supernodes import Member, random_members
from harness.experiments.scored import units_digest
from harness.manifest import DataUsed
from harness.measurement import Condition, Measurement
from harness.models.prompts import token_id
from harness.models.tokenization import tokenize
from harness.record import HarnessError
from harness.specs.circuit_tracing import RANDOM_FEATURES, RUNS, Latent, Named, Run


class _Prompt(NamedTuple):
    """A prompt with what is active on it."""

    tokens: Int[Tensor, " seq"]
    active: list[Float[Tensor, "seq latents"]]
    supernodes: Mapping[str, tuple[Member, ...]]


def named_rows(bench: Bench, task: Named) -> Iterator[Measurement]:
    """Graphs of every prompt, then every intervention in both models.

    Raises `HarnessError` for a latent or a position that is not there, and for a token to measure
    that is several tokens.
    """
    prompts = {name: _read(bench, task, name) for name in task.prompts}
    texts = [each.text for each in task.prompts.values()]
    bench.context.data["named prompts"] = DataUsed(
        source=bench.spec.data, sha256=units_digest(texts), statements=len(texts)
    )
    for seed in bench.spec.seeds:
        for name, prompt in prompts.items():
            where = bench.spec.base(prompt=name)
            checked = checked_trace(bench, prompt.tokens)
            units = units_digest([task.prompts[name].text])
            yield from _single(
                graph_rows(bench, [checked], seed=seed, conditions=where, units=units)
            )
            if bench.spec.motif_graphs:
                rows = motif_rows(
                    bench, [prompt.tokens], [checked.traced], seed=seed, conditions=where
                )
                yield from _single(rows)
        for run in RUNS:
            for name in prompts:
                yield from _rows(bench, task, prompts, ("none", name, None), run, seed)
            for change, control in ((c, k) for c in task.changes for k in (None, RANDOM_FEATURES)):
                asked = (change, task.changes[change].prompt, control)
                yield from _rows(bench, task, prompts, asked, run, seed)


def _single(rows: Iterator[Measurement]) -> Iterator[Measurement]:
    """One prompt is all there is: its number has no error of sampling."""
    return (row.model_copy(update={"stderr": 0.0}) for row in rows)


def _read(bench: Bench, task: Named, name: str) -> _Prompt:
    given = task.prompts[name]
    tokens = torch.tensor(tokenize(bench.lm, [given.text])[0])
    found = active_latents(bench.lm, bench.transcoders, tokens[None])
    active = [layer[0] for layer in found]
    supernodes = {
        node: tuple(_member(active, latent, f"prompts.{name}.supernodes.{node}") for latent in each)
        for node, each in given.supernodes.items()
    }
    return _Prompt(tokens, active, supernodes)


def _member(active: Sequence[Float[Tensor, "seq latents"]], latent: Latent, where: str) -> Member:
    place: Place = (latent.layer, latent.position, latent.latent)
    sizes = (len(active), *active[0].shape)
    for key, index, size in zip(("layer", "position", "latent"), place, sizes, strict=True):
        if index >= size:
            raise HarnessError(f"{where}: {key} {index}; valid: 0 to {size - 1}")
    return Member(place, float(active[place[0]][place[1], place[2]]))


def _rows(
    bench: Bench,
    task: Named,
    prompts: Mapping[str, _Prompt],
    asked: tuple[str, str, str | None],
    run: Run,
    seed: int,
) -> Iterator[Measurement]:
    change, name, control = asked
    prompt = prompts[name]
    watched = [member.place for members in prompt.supernodes.values() for member in members]
    draws = bench.spec.random_draws if control else 1
    source = generator(seed, list(task.changes).index(change) if change != "none" else -1)
    runs = [
        _changes(bench, task, prompts, change, source if control else None) for _ in range(draws)
    ]
    outcome = run_changed(
        bench.lm,
        bench.transcoders,
        prompt.tokens,
        runs,
        watched=watched,
        freeze_attention=run == "replacement",
    )
    where = bench.spec.base(prompt=name, intervention=change, run=run)

    def row(metric: str, value: float, **more: Condition) -> Measurement:
        return Measurement(
            experiment=bench.spec.id,
            metric=metric,
            value=value,
            stderr=0.0,
            n=1,
            seed=seed,
            conditions={**where, **more},
            control=control,
        )

    chances = outcome.logits.double().softmax(-1).mean(0)
    for token in task.prompts[name].tokens:
        yield row("token_probability", float(chances[token_id(bench.lm, token)]), token=token)
    parts = outcome.activations.mean(0).split([len(m) for m in prompt.supernodes.values()])
    for (node, members), acts in zip(prompt.supernodes.items(), parts, strict=True):
        clean = torch.tensor([member.activation for member in members])
        if len(members) and bool((clean != 0).all()):
            yield row("mean_latent_activation", float((acts / clean).mean()), supernode=node)


def _changes(
    bench: Bench,
    task: Named,
    prompts: Mapping[str, _Prompt],
    change: str,
    source: torch.Generator | None,
) -> list[Change]:
    """Latents and values; with a `source` random latents of equal activation in their place."""
    if change == "none":
        return []
    given = task.changes[change]
    values: dict[Place, float] = {}
    for name, factors in ((given.prompt, given.factors), *given.donors.items()):
        for node, factor in factors.items():
            members = prompts[name].supernodes[node]
            if source is not None:
                members = random_members(bench.transcoders, prompts[name].active, members, source)
            values.update({member.place: factor * member.activation for member in members})
    return [Change(place, value) for place, value in values.items()]
