"""Rows of graphs: their sizes and scores, and whether they are what they claim to be."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor

from harness.circuits.attributing import Traced
from harness.circuits.linear import agreement
from harness.circuits.replacement import base_logit_error
from harness.experiments.circuit_tracing.bench import Bench
from harness.experiments.circuit_tracing.outcomes import Asked
from harness.experiments.circuit_tracing.supernodes import Member
from harness.experiments.scored import scored
from harness.measurement import Condition, Measurement
from harness.ops.influence import path_share

_HELD = 8
"""Feature nodes of each graph whose rows are held against the linear map."""


class Checked(NamedTuple):
    """A graph with what it was held against."""

    traced: Traced
    linear_identity_error: float
    base_logit_error: float


def checked_trace(bench: Bench, tokens: Int[Tensor, " seq"]) -> Checked:
    """Trace one prompt and check the graph."""
    traced = bench.trace(tokens)
    top = np.argsort(-traced.influence[: len(traced.features)], kind="stable")[:_HELD]
    held = agreement(bench.lm, bench.transcoders, tokens, traced, top.tolist())
    return Checked(traced, held.identity_error, base_logit_error(bench.replacement, tokens))


def graph_scores(checked: Checked) -> dict[str, float]:
    """By metric, of one graph."""
    traced = checked.traced
    return {
        "graph_nodes": float(traced.node_mask.sum()),
        "graph_edges": float(traced.edge_mask.sum()),
        "linear_identity_error": checked.linear_identity_error,
        "base_logit_error": checked.base_logit_error,
        "replacement_score": traced.scores.replacement,
        "completeness_score": traced.scores.completeness,
    }


def graph_rows(
    bench: Bench,
    graphs: Sequence[Checked],
    *,
    seed: int,
    conditions: Mapping[str, Condition],
    units: str,
) -> Iterator[Measurement]:
    """One row a metric, over the prompts."""
    scores = [graph_scores(each) for each in graphs]
    for metric in scores[0]:
        values = torch.tensor([each[metric] for each in scores], dtype=torch.float64)
        yield scored(bench.spec, metric, values, seed=seed, conditions=conditions, units=units)


def share_through(traced: Traced, asked: Asked, members: Sequence[Member], layers: int) -> float:
    """Of the subject's influence on the answer, what goes through the latents.

    Random latents that are no nodes of the graph carry nothing in it.
    """
    positions = len(asked.fact.ids)
    features = len(traced.features)
    embedding = features + layers * positions + asked.fact.roles["subject"]
    logit = len(traced.adjacency) - len(traced.logit_ids)
    target = logit + traced.logit_ids.index(asked.fact.answer)
    wanted = {member.place for member in members}
    nodes = [n for n, place in enumerate(traced.features.tolist()) if tuple(place) in wanted]
    return path_share(traced.adjacency, embedding, target, nodes)
