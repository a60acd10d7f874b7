"""What each ingredient of the shipped recipe does for F1, alone and beside all others.

    .venv/bin/python -m benchmarks.autoresearch_ingredients [--world W] [--seeds N] [--samples N]
        [--set KNOB=VALUE …] [--only TEXT …] [--json]

Every setting is trained on the same samples from the same seed, here and not in a cell, and its
difference to what it is held against is taken seed by seed. `--set` changes knobs of all settings,
`--only` takes those whose names hold a text. Trainings that `runs/autoresearch-ingredients.jsonl`
has are not done again, unless recipe.py has changed. Seconds are those of the training thread,
without sampling.
"""

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from statistics import fmean
from typing import NamedTuple, cast

import torch
from safetensors.torch import save
from torch import Tensor

from harness.autoresearch.keep.paired import paired_test
from harness.autoresearch.knob import Scalar
from harness.autoresearch.knobs import values, with_values
from harness.autoresearch.recipes import recipe
from harness.autoresearch.recipes.start import STARTS, starting
from harness.autoresearch.sandbox.inside import Contract, Stream
from harness.autoresearch.scorer.sent_sae import SentSae
from harness.lines import append_line, cut_torn, whole_lines
from harness.record import Record, parse_yaml
from harness.saes.architectures import AnySAE
from harness.saes.evaluation import evaluate
from harness.specs.worlds import resolve_world
from harness.worlds.stream import Batch, batches
from harness.worlds.world import SyntheticWorld, open_world

DONE = Path("runs/autoresearch-ingredients.jsonl")
BATCHTOPK, MATRYOSHKA = STARTS
INGREDIENTS: dict[str, dict[str, Scalar]] = {
    "annealed k": {"k_anneal": 0.5},
    "rate decay": {"lr_decay": 1 / 3},
    "LISTA": {"lista_steps": 1},
    "tilt": {"tilt": 0.01},
    "refinement": {"refine": True},
    "mean bias": {"mean_bias": True},
    "detached levels": {"detach_levels": True},
    "sorting": {"sorted": True},
}
NESTED_ONLY = ("detached levels", "sorting")
METRICS = {"latent_f1": "F1", "mcc": "MCC", "sae_l0": "L0", "sae_variance_explained": "VE"}
EVAL_SAMPLES, EVAL_BATCH, CHUNK = 100_000, 4_000, 4_096


class Setting(NamedTuple):
    """One row of the table."""

    name: str
    start: str
    ingredients: tuple[str, ...]
    against: str
    """Name of the setting that it is held against."""

    @property
    def changes(self) -> dict[str, Scalar]:
        """Knobs that differ from the start's."""
        return {k: v for each in self.ingredients for k, v in INGREDIENTS[each].items()}


class Done(Record):
    """One training."""

    key: str
    """Of everything that it follows from."""
    setting: str
    seed: int
    seconds: float
    metrics: dict[str, float]


class Drawn:
    """A world's activations as a recipe's stream: the same ones, however many are taken at once."""

    def __init__(self, drawn: Iterator[Batch], world: SyntheticWorld, samples: int) -> None:
        self.d_in = world.entry.hidden_dim
        self.left = samples
        self._drawn = drawn
        self._ready = torch.empty(0, self.d_in)

    def take(self, rows: int) -> Tensor:
        """The next ones."""
        count = min(rows, self.left)
        while len(self._ready) < count:
            self._ready = torch.cat([self._ready, next(self._drawn).hidden])
        taken, self._ready = self._ready[:count], self._ready[count:]
        self.left -= count
        return taken


def settings() -> Iterator[Setting]:
    """Bases, each ingredient alone on both, all of them, and all but one."""
    everything = tuple(INGREDIENTS)
    for start in STARTS:
        yield Setting(start, start, (), BATCHTOPK)
        for name in everything:
            if start == MATRYOSHKA or name not in NESTED_ONLY:
                yield Setting(f"{start} + {name}", start, (name,), start)
    yield Setting("all", MATRYOSHKA, everything, MATRYOSHKA)
    for name in everything:
        rest = tuple(each for each in everything if each != name)
        yield Setting(f"all but {name}", MATRYOSHKA, rest, "all")
    rest = tuple(each for each in everything if each not in NESTED_ONLY)
    yield Setting("all but nesting", BATCHTOPK, rest, "all")


class Study:
    """One world, one number of samples, one set of shared knobs; what was trained is kept."""

    def __init__(self, world: str, samples: int | None, shared: dict[str, Scalar]) -> None:
        self.entry = resolve_world(world)
        self.shared = shared
        self.contract = Contract(
            self.entry.width, samples or self.entry.samples, float(self.entry.l0), 3600.0, "cpu"
        )
        cut_torn(DONE)
        done = [Done.model_validate_json(line) for line in whole_lines(DONE)]
        self._done = {each.key: each for each in done}
        self._world: SyntheticWorld | None = None

    def knobs(self, setting: Setting) -> dict[str, Scalar]:
        """What the recipe gets."""
        text = starting(setting.start).knobs
        return values(with_values(text, {**self.shared, **setting.changes}))

    def known(self, setting: Setting, seed: int) -> Done | None:
        """A training that was done before."""
        return self._done.get(self._key(setting, seed))

    def train(self, setting: Setting, seed: int) -> Done:
        """Train and measure; equal seeds see equal samples, in training and in evaluation."""
        world, knobs = self._opened(), self.knobs(setting)
        with batches(world, CHUNK, world.generator(seed, 0)) as drawn:
            stream = cast(Stream, Drawn(drawn, world, self.contract.samples))
            started = time.thread_time()
            weights = recipe.train(stream, self.contract, knobs, seed)
            seconds = time.thread_time() - started
        sent = save({name: each.contiguous() for name, each in weights.items()})
        sae = SentSae(sent, lambda x: recipe.encode(x, weights, knobs), world.device)
        found = evaluate(
            cast(AnySAE, sae),
            world,
            samples=EVAL_SAMPLES,
            batch=EVAL_BATCH,
            generator=world.generator(seed, 99),
        )
        key = self._key(setting, seed)
        done = Done(key=key, setting=setting.name, seed=seed, seconds=seconds, metrics=found)
        append_line(DONE, done.model_dump_json())
        self._done[key] = done
        return done

    def _opened(self) -> SyntheticWorld:
        if self._world is None:
            self._world = open_world(self.entry, torch.device("cpu"))
        return self._world

    def _key(self, setting: Setting, seed: int) -> str:
        parts = [self.entry.digest, self.contract.samples, self.knobs(setting), seed, EVAL_SAMPLES]
        told = json.dumps([starting(setting.start).code, *parts], sort_keys=True)
        return sha256(told.encode()).hexdigest()


def run(study: Study, wanted: list[Setting], seeds: int) -> dict[str, list[Done]]:
    """By setting, a training a seed; says how long the rest may take."""
    pairs = [(setting, seed) for seed in range(seeds) for setting in wanted]
    left = [pair for pair in pairs if study.known(*pair) is None]
    started = time.monotonic()
    for count, (setting, seed) in enumerate(left, start=1):
        study.train(setting, seed)
        eta = (time.monotonic() - started) / count * (len(left) - count)
        told = f"{count}/{len(left)} {setting.name}, seed {seed}; {eta / 60:.0f} min left"
        print(told, file=sys.stderr, flush=True)
    found: dict[str, list[Done]] = defaultdict(list)
    for setting, seed in pairs:
        done = study.known(setting, seed)
        assert done is not None, (setting, seed)
        found[setting.name].append(done)
    return found


def records(wanted: list[Setting], found: dict[str, list[Done]]) -> Iterator[dict[str, object]]:
    """Means of a setting, and the differences to what it is held against, with 95 % intervals."""
    for setting in wanted:
        done = found[setting.name]
        row: dict[str, object] = {"setting": setting.name, "against": setting.against}
        row["seconds"] = fmean(each.seconds for each in done)
        for metric in METRICS:
            row[metric] = fmean(each.metrics[metric] for each in done)
            if setting.against != setting.name:
                row[f"{metric}_gain"] = gain(metric, done, found[setting.against])
        yield row


def gain(metric: str, done: list[Done], held: list[Done]) -> list[float] | None:
    """Mean of the paired differences and the ends of its interval; `None` of a single pair."""
    if len(done) < 2:
        return None
    differences = [a.metrics[metric] - b.metrics[metric] for a, b in zip(done, held, strict=True)]
    test = paired_test([each.seed for each in done], differences, level=0.05)
    return [test.mean, test.low, test.high]


def table(rows: list[dict[str, object]]) -> Iterator[str]:
    """Lines to read."""
    heads = "".join(f"{short:>8}" for short in METRICS.values())
    yield f"{'':30}{heads}{'s':>7}  F1 gained [95 %]            MCC gained [95 %]           against"
    for row in rows:
        numbers = "".join(f"{row[metric]:8.4f}" for metric in METRICS)
        gains = "".join(f"{_gained(row.get(f'{m}_gain')):28}" for m in ("latent_f1", "mcc"))
        yield f"{row['setting']:30}{numbers}{row['seconds']:7.1f}  {gains}{row['against']}"


def _gained(found: object) -> str:
    if not isinstance(found, list):
        return ""
    mean, low, high = found
    return f"{mean:+.4f} [{low:+.4f}, {high:+.4f}]"


def with_held(every: list[Setting], only: list[str]) -> list[Setting]:
    """Those whose names hold one of the texts, and what they are held against."""
    if not only:
        return every
    names = {each.name for each in every if any(text in each.name for text in only)}
    names |= {each.against for each in every if each.name in names}
    return [each for each in every if each.name in names]


def main() -> None:
    """A table, or a line a setting."""
    parser = argparse.ArgumentParser(prog="benchmarks.autoresearch_ingredients")
    parser.add_argument("--world", default="synthsae-1k")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--samples", type=int)
    parser.add_argument("--set", nargs="*", default=[], metavar="KNOB=VALUE")
    parser.add_argument("--only", nargs="*", default=[], metavar="TEXT")
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    shared = parse_yaml("\n".join(each.replace("=", ": ", 1) for each in wanted.set) or "{}", DONE)
    torch.set_num_threads(1)
    study = Study(wanted.world, wanted.samples, shared)
    chosen = with_held(list(settings()), wanted.only)
    rows = list(records(chosen, run(study, chosen, wanted.seeds)))
    for line in map(json.dumps, rows) if wanted.json else table(rows):
        print(line, flush=True)


if __name__ == "__main__":
    main()
