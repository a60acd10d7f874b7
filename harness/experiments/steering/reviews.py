"""A direction of sentiment, fitted on words, tested for what it does in toy and longer reviews.

Follows Tigges et al. 2023 (arXiv:2310.15154): directions of several methods at the adjective,
directional activation patching (the component along the direction taken from the other prompt) and
directional ablation (the component set to its mean), at all positions or at commas alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import combinations, product

import torch
from torch import Tensor

from harness.data.contrasts import ContrastSet
from harness.data.reviews import short, toy
from harness.experiments.context import Context
from harness.experiments.scored import scored
from harness.experiments.steering.draws import apart
from harness.experiments.steering.fluency import Texts
from harness.experiments.steering.review_directions import Adjectives, directions
from harness.experiments.steering.review_runs import Along, Pairs
from harness.experiments.steering.streams import unchanged
from harness.experiments.steering.vectors import ablating, chosen_layer_row, norm_rows
from harness.manifest import DataUsed
from harness.measurement import Condition, Measurement
from harness.models.hookpoints import Hookpoint
from harness.models.language_model import LanguageModel
from harness.models.prompts import single_token
from harness.models.vector_file import read_vector
from harness.ops.directions import cosine
from harness.ops.ratios import ratio_scores
from harness.specs import SteeringSpec
from harness.specs.steering import ABLATED, CONTROL, REVIEW_SWAPS, Reviews

ByName = dict[str, Tensor]


def run(
    spec: SteeringSpec, task: Reviews, lm: LanguageModel, context: Context
) -> Iterator[Measurement]:
    """Base behaviour, agreement of the directions, what swapping and ablating them does."""
    single = single_token(lm)
    train = _noted(toy(part="train", seed=0, single=single), context)
    held = apart(len(train.contrasts))
    fitted = [each for each, kept in zip(train.contrasts, held, strict=True) if not kept]
    adjectives = Adjectives.read(lm, fitted, context)
    selection = [each for each, kept in zip(train.contrasts, held, strict=True) if kept]
    layer = _choose(spec, Pairs.read(lm, selection), adjectives, context)
    yield chosen_layer_row(spec, layer, len(selection), spec.base(layer="chosen"))
    given = _from_file(lm, task, layer, context)
    by_seed = {seed: directions(adjectives, task, layer, seed, given) for seed in spec.seeds}
    yield from _shapes(spec, task, adjectives, layer, by_seed)
    sets = {
        "toy": Pairs.read(lm, _noted(toy(part="test", seed=0, single=single), context).contrasts),
        "short": Pairs.read(
            lm, _noted(short(size=task.short, seed=0, single=single), context).contrasts
        ),
    }
    for name, pairs in sets.items():
        yield from _base(spec, name, pairs)
    yield from _swaps(spec, task, sets, layer, by_seed, context)
    mean = sets["short"].mean_stream(layer)
    yield from _ablations(spec, task, sets["short"], mean, layer, by_seed, context)
    yield from _cost(spec, task, lm, mean, layer, by_seed, context)


def _noted(given: ContrastSet, context: Context) -> ContrastSet:
    context.data[given.name] = DataUsed(
        source="generated", sha256=given.sha256, statements=len(given.contrasts)
    )
    return given


def _from_file(lm: LanguageModel, task: Reviews, layer: int, context: Context) -> Tensor | None:
    """The direction of the chosen layer in the file that lies beside replication.yaml."""
    if task.file is None:
        return None
    path = context.artifacts.parents[1] / task.file.name
    return read_vector(lm, path, Hookpoint("resid_post", layer), sha256=task.file.sha256)


def _choose(spec: SteeringSpec, held: Pairs, adjectives: Adjectives, context: Context) -> int:
    """Where swapping the difference of means brings back most, on toy pairs held apart."""
    if spec.layer != "validation":
        return spec.layer
    context.progress("choosing the layer", 0, 1)
    tried = range(0, held.lm.n_layers - 1, spec.layer_step)
    patched = held.swapped(
        {
            layer: Along(layer, adjectives.unit_direction("mean_difference", layer, spec.seeds[0]))
            for layer in tried
        },
        "all",
    )
    context.progress("choosing the layer", 1, 1)
    return max(tried, key=lambda layer: float(patched[layer].mean()))


def _shapes(
    spec: SteeringSpec,
    task: Reviews,
    adjectives: Adjectives,
    layer: int,
    by_seed: Mapping[int, ByName],
) -> Iterator[Measurement]:
    """How far the directions agree, and how long the difference of means is."""
    for seed, found in by_seed.items():
        for first, second in combinations(task.names, 2):
            for control, other in ((None, second), (CONTROL, CONTROL)):
                yield Measurement(
                    experiment=spec.id,
                    metric="direction_cosine",
                    value=float(cosine(found[first], found[other])),
                    n=adjectives.pairs,
                    seed=seed,
                    conditions=spec.base(layer="chosen", first=first, second=second),
                    control=control,
                )
        yield from norm_rows(
            spec,
            adjectives.difference(layer, seed),
            adjectives.resid_norms(layer),
            seed=seed,
            conditions=spec.base(layer="chosen"),
        )


def _base(spec: SteeringSpec, name: str, pairs: Pairs) -> Iterator[Measurement]:
    """How often the model is right on both kinds of prompts, and on both of one pair."""
    everything = torch.ones(len(pairs.contrasts), dtype=torch.bool)
    right = ((pairs.clean > 0).double() + (pairs.corrupted < 0).double()) / 2
    for metric, scores in (
        ("answer_preferred", right),
        ("informative_fraction", pairs.informative.double()),
    ):
        yield scored(
            spec,
            metric,
            scores,
            seed=spec.seeds[0],
            conditions=spec.base(set=name),
            units=pairs.units(everything),
        )


def _swaps(
    spec: SteeringSpec,
    task: Reviews,
    sets: Mapping[str, Pairs],
    layer: int,
    by_seed: Mapping[int, ByName],
    context: Context,
) -> Iterator[Measurement]:
    for step, (name, positions) in enumerate(REVIEW_SWAPS):
        context.progress("swapping components", step, len(REVIEW_SWAPS))
        pairs = sets[name]
        clean, corrupted = (each[pairs.informative] for each in (pairs.clean, pairs.corrupted))
        methods = task.swapped(positions)
        ways = _ways(by_seed, layer, (*methods, CONTROL))
        patched = pairs.swapped(ways, positions)
        for seed in by_seed:
            for direction, control in product(methods, (None, CONTROL)):
                after = patched[seed, control or direction]
                where = spec.base(
                    layer="chosen",
                    direction=direction,
                    set=name,
                    positions=positions,
                    operation="swap",
                )
                row = partial(
                    scored,
                    spec,
                    seed=seed,
                    conditions=where,
                    control=control,
                    units=pairs.units(pairs.informative),
                )
                yield row(
                    "logit_difference_recovered",
                    ratio_scores(after - corrupted, clean - corrupted),
                )
                yield row("sign_flips", (after > 0).double())
    context.progress("swapping components", len(REVIEW_SWAPS), len(REVIEW_SWAPS))


def _ablations(
    spec: SteeringSpec,
    task: Reviews,
    pairs: Pairs,
    mean: Tensor,
    layer: int,
    by_seed: Mapping[int, ByName],
    context: Context,
) -> Iterator[Measurement]:
    """Of the short reviews that were answered rightly, how many still are."""
    method = task.directions[0]
    for step, positions in enumerate(ABLATED):
        context.progress("ablating", step, len(ABLATED))
        ways = _ways(by_seed, layer, (method, CONTROL))
        for (seed, name), after in pairs.ablated(ways, positions, mean).items():
            right = (after > 0).double()
            for metric, scores in (
                ("accuracy_kept", right),
                ("above_chance_lost", (1 - right) / 0.5),
            ):
                yield scored(
                    spec,
                    metric,
                    scores,
                    seed=seed,
                    conditions=_ablation(spec, method, positions),
                    control=CONTROL if name == CONTROL else None,
                    units=pairs.units(pairs.clean > 0),
                )
    context.progress("ablating", len(ABLATED), len(ABLATED))


def _cost(
    spec: SteeringSpec,
    task: Reviews,
    lm: LanguageModel,
    mean: Tensor,
    layer: int,
    by_seed: Mapping[int, ByName],
    context: Context,
) -> Iterator[Measurement]:
    """Log perplexity of neutral texts, with the direction and without."""
    texts, method = Texts.neutral(lm, spec.neutral_texts, context), task.directions[0]
    seed = spec.seeds[0]
    some = {name: by_seed[seed][name] for name in (method, CONTROL)}
    edits = [ablating(each, float(mean @ each)) for each in some.values()]
    losses = texts.losses(layer, [unchanged, *edits])
    for name, loss in zip(("", *some), losses, strict=True):
        operation = "ablate" if name else "none"
        yield scored(
            spec,
            "log_perplexity",
            loss,
            seed=seed,
            conditions=spec.base(layer="chosen", operation=operation, text="neutral"),
            control=CONTROL if name == CONTROL else None,
            units=texts.units,
        )


def _ways(
    by_seed: Mapping[int, ByName], layer: int, names: Sequence[str]
) -> dict[tuple[int, str], Along]:
    """Some of the directions of every seed, at one layer."""
    return {
        (seed, name): Along(layer, by_seed[seed][name], seed)
        for seed, name in product(by_seed, names)
    }


def _ablation(spec: SteeringSpec, method: str, positions: str) -> dict[str, Condition]:
    return spec.base(
        layer="chosen", direction=method, set="short", positions=positions, operation="ablate"
    )
