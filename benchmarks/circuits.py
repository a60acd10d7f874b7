"""Interventions, tracing and training of transcoders, each beside its reference in the same run.

    .venv/bin/python -m benchmarks.circuits [capitals-4l | smollm2-135m-instruct] [--json]

The transcoders are the model's own recipe, trained first where they never were. Ways take turns and
the smallest of three rounds counts, since a machine's speed varies.

- Interventions: 32 on one prompt, each sets one active latent to -2 times its activation, attention
  frozen. Ours is one batch; so that batching is told from the rest, also one after another.
  circuit-tracer's `feature_intervention`, without the activations that it can return, takes one at
  a time: the 4 of most effect are timed and scaled up, and their logits are compared.
- Tracing: all that `harness trace` does once model and transcoders are loaded, beside what of it is
  circuit-tracer's attribution and pruning. Memory is the process's peak until then.
- Training: steps of one layer on held-out activations, against torch's autograd of the same loss
  with every sum dense, from the same weights on the same batches. No latent counts as dead so
  early. What both end with is compared: loss, weights, and weights once more in float64.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from harness.circuits.attributing import Pruning
from harness.circuits.changes import Change, active_latents, run_changed
from harness.circuits.replacement import open_replacement
from harness.models.device import describe_device, peak_memory_mib
from harness.models.language_model import LanguageModel, load_model
from harness.oneline.prompt import read_prompt
from harness.oneline.trace import trace_prompt
from harness.saes.processor import keep_freed_memory
from harness.specs.circuit_tracing import fitting
from harness.specs.transcoders import TranscoderRecipe
from harness.transcoders.remeasure import heldout_text
from harness.transcoders.sets import TranscoderSet, load_set
from harness.transcoders.store import read_pairs
from harness.transcoders.training import Pairs, Run, Scale
from harness.transcoders.transcoder import TopK, Transcoder

PROMPTS = {
    "capitals-4l": "The capital of the country containing Lyon is",
    "smollm2-135m-instruct": "Fact: the capital of the state containing Dallas is",
}
ROUNDS = 3
INTERVENTIONS, REFERENCES = 32, 4
FACTOR = -2.0
STEPS = 30
WEIGHTS = ("W_enc", "b_enc", "W_dec", "b_dec")
DENSE = "autograd, dense"
Record = dict[str, Any]


class Studied(NamedTuple):
    """A model with its transcoders, and one prompt of it."""

    lm: LanguageModel
    transcoders: TranscoderSet
    prompt: str

    @property
    def tokens(self) -> Tensor:
        """Of the prompt, with the start token."""
        return read_prompt(self.lm, self.prompt).ids[0]


def tracing(studied: Studied) -> Iterator[Record]:
    """Seconds of a whole trace, what of it is attribution, the graph's size, and memory."""
    lm, transcoders, prompt = studied

    def whole() -> Any:
        return trace_prompt(lm, transcoders, prompt, Pruning(1_000), slug="benchmark").numbers

    rounds = [_timed(whole) for _ in range(ROUNDS)]
    seconds, numbers = min(rounds, key=lambda each: each[0])
    yield {
        "what": "trace",
        "tokens": len(numbers.tokens),
        "active_features": numbers.active_features,
        "nodes": numbers.nodes,
        "links": numbers.links,
        "seconds": seconds,
        "attribution_seconds": numbers.attribution_seconds,
        "replacement_score": numbers.replacement_score,
        "peak_mib": peak_memory_mib(),
        "rounds": [each[0] for each in rounds],
    }


def interventions(studied: Studied) -> Iterator[Record]:
    """Seconds for all interventions, and how far the logits are from circuit-tracer's."""
    lm, transcoders, _ = studied
    tokens = studied.tokens
    model = open_replacement(lm, transcoders).model

    def batched(some: Sequence[Sequence[Change]]) -> Tensor:
        return run_changed(lm, transcoders, tokens, some, freeze_attention=True).logits

    def theirs(run: Sequence[Change]) -> Tensor:
        asked = [(*each.place, each.value) for each in run]
        logits, _ = model.feature_intervention(tokens, asked, return_activations=False)
        return logits[0, -1].float().cpu()

    runs = _by_effect(_interventions(studied), batched)
    ways: dict[str, tuple[Callable[[], Tensor], int]] = {
        "ours, one batch": (lambda: batched(runs), len(runs)),
        "ours, one by one": (lambda: torch.cat([batched([run]) for run in runs]), len(runs)),
        "circuit-tracer": (lambda: torch.stack([*map(theirs, runs[:REFERENCES])]), REFERENCES),
    }
    turns = [{way: _timed(act) for way, (act, _) in ways.items()} for _ in range(ROUNDS)]
    reference, clean = turns[0]["circuit-tracer"][1], batched([[]])[0]
    first = min(turn["ours, one batch"][0] for turn in turns)
    for way, (_, count) in ways.items():
        rounds = [turn[way][0] * len(runs) / count for turn in turns]
        logits = turns[0][way][1][:REFERENCES]
        yield {
            "what": f"{len(runs)} interventions",
            "way": way,
            "seconds": min(rounds),
            "times_slower": min(rounds) / first,
            "max_difference": float((logits - reference).abs().max()),
            "max_effect": float((logits - clean).abs().max()),
            "rounds": rounds,
        }


def _interventions(studied: Studied) -> list[list[Change]]:
    """Of active latents drawn evenly from all layers and positions."""
    lm, transcoders, _ = studied
    active = [layer[0] for layer in active_latents(lm, transcoders, studied.tokens[None])]
    places = [(layer, *at) for layer, acts in enumerate(active) for at in acts.nonzero().tolist()]
    drawn = torch.randperm(len(places), generator=torch.Generator().manual_seed(0))
    chosen = [places[number] for number in drawn[:INTERVENTIONS].tolist()]
    return [
        [Change((layer, position, latent), FACTOR * float(active[layer][position, latent]))]
        for layer, position, latent in chosen
    ]


def _by_effect(
    runs: list[list[Change]], batched: Callable[[list[list[Change]]], Tensor]
) -> list[list[Change]]:
    """Those that change the logits most come first, for a comparison that can fail."""
    logits = batched([[], *runs])
    effect = (logits[1:] - logits[0]).abs().amax(dim=1)
    return [runs[number] for number in effect.argsort(descending=True).tolist()]


def training(studied: Studied) -> Iterator[Record]:
    """Tokens a second of both, and how far the losses are apart after the same steps."""
    lm, transcoders, _ = studied
    assert transcoders.manifest is not None, transcoders.ref
    recipe, layer = transcoders.manifest.recipe, lm.n_layers // 2
    pairs = _heldout(studied, layer)
    x, y = normal = _normal(pairs)
    batches = _batches(normal, recipe)
    ways = {"ours": sparse_steps, DENSE: dense_steps}
    turns = [
        {way: _timed(lambda act=act: act(recipe, batches)) for way, act in ways.items()}
        for _ in range(ROUNDS)
    ]
    best = {way: min(turn[way][0] for turn in turns) for way in ways}
    before = float(y.square().sum() / len(y))
    ends = {way: turns[0][way][1].transcoder() for way in ways}
    losses = {way: _loss(each, x, y) for way, each in ends.items()}
    for way, seconds in best.items():
        yield {
            "what": f"training layer {layer}",
            "way": way,
            "tokens_a_second": STEPS * recipe.batch / seconds,
            "times_slower": seconds / best["ours"],
            "loss_before": before,
            "loss_after": losses[way],
            "relative_difference": abs(losses[way] / losses[DENSE] - 1),
            "max_weight_difference": _apart(ends[way], ends[DENSE]),
            "in_float64": _apart_in_float64(pairs, recipe) if way != DENSE else 0.0,
            "rounds": [turn[way][0] for turn in turns],
        }


def _apart_in_float64(pairs: Pairs, recipe: TranscoderRecipe) -> float:
    """The weights' difference where rounding is too small to grow by the optimiser's steps."""
    torch.set_default_dtype(torch.float64)
    try:
        batches = _batches(_normal(Pairs(pairs.x.double(), pairs.y.double())), recipe)
        ends = [steps(recipe, batches).transcoder() for steps in (sparse_steps, dense_steps)]
    finally:
        torch.set_default_dtype(torch.float32)
    return _apart(*ends)


def _normal(pairs: Pairs) -> Pairs:
    return Pairs(*(Scale.of(each).normal(each) for each in pairs))


def _batches(normal: Pairs, recipe: TranscoderRecipe) -> list[tuple[Tensor, Tensor]]:
    generator = torch.Generator().manual_seed(1)
    rows = torch.randint(len(normal.x), (STEPS, recipe.batch), generator=generator)
    return [(normal.x[each], normal.y[each]) for each in rows]


def sparse_steps(recipe: TranscoderRecipe, batches: Sequence[tuple[Tensor, Tensor]]) -> Run:
    """Ours, from fresh weights."""
    run = _fresh(recipe, batches)
    for x, y in batches:
        run.step(x, y, rate=recipe.learning_rate)
    return run


def dense_steps(recipe: TranscoderRecipe, batches: Sequence[tuple[Tensor, Tensor]]) -> Run:
    """The same loss, clipping and optimiser, from the same weights, all by autograd."""
    run = _fresh(recipe, batches)
    weights = [run.encoder, run.encoder_bias, run.decoder, run.bias]
    adam = torch.optim.Adam(weights, lr=recipe.learning_rate, fused=True)
    activation = TopK(recipe.k)
    for x, y in batches:
        latents = activation(x @ run.encoder.T + run.encoder_bias)
        loss = (latents @ run.decoder + run.bias - y).square().sum() / len(x)
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(weights, 1.0)
        adam.step()
    return run


def _fresh(recipe: TranscoderRecipe, batches: Sequence[tuple[Tensor, Tensor]]) -> Run:
    return Run(batches[0][0].shape[1], recipe, torch.Generator().manual_seed(0))


def _heldout(studied: Studied, layer: int) -> Pairs:
    lm, transcoders, _ = studied
    text = heldout_text(transcoders, lm, None, _quiet)
    parts = [pairs[layer] for pairs in read_pairs(lm, text.sequences, lambda _done, _total: None)]
    return Pairs(*(torch.cat(column) for column in zip(*parts, strict=True)))


def _quiet(_step: str, _done: int, _total: int) -> None:
    """Progress that is not shown."""


@torch.inference_mode()
def _loss(found: Transcoder, x: Tensor, y: Tensor) -> float:
    return float((found.decode(found.encode(x), x) - y).double().square().sum() / len(x))


def _apart(one: Transcoder, other: Transcoder) -> float:
    pairs = ((getattr(one, name), getattr(other, name)) for name in WEIGHTS)
    return max(float((a - b).abs().max()) for a, b in pairs)


def _timed(action: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = action()
    return time.perf_counter() - started, result


def _line(record: Record) -> str:
    shown = {k: f"{v:.4g}" if isinstance(v, float) else v for k, v in record.items()}
    shown.pop("rounds", None)
    return "  ".join(f"{name} {value}" for name, value in shown.items())


def main() -> None:
    """One line, or record, a way."""
    parser = argparse.ArgumentParser(prog="benchmarks.circuits")
    parser.add_argument("model", nargs="?", choices=sorted(PROMPTS), default="capitals-4l")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    torch.set_num_threads(wanted.threads)
    keep_freed_memory()
    found = load_set(fitting(wanted.model)[0].id, device="cpu")
    assert isinstance(found, TranscoderSet), found.ref
    studied = Studied(load_model(wanted.model, device="cpu"), found, PROMPTS[wanted.model])
    if not wanted.json:
        print(f"{describe_device('cpu').threads} threads, torch {torch.__version__}")
    for measure in (tracing, interventions, training):
        for record in measure(studied):
            print(json.dumps(record) if wanted.json else _line(record), flush=True)


if __name__ == "__main__":
    main()
