"""SAEs trained and measured one by one, each put on the leaderboard as soon as it is.

What stands there already with the same recipe, seed and world is taken from it; an interrupted
training goes on from its checkpoint.
"""

from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from typing import NamedTuple

from harness.cache_dir import cache_dir
from harness.experiments.context import Progress, no_progress
from harness.oneline.bench_request import jobs_in
from harness.oneline.board import Board, Job, Trained, append, read_board
from harness.oneline.standings import Standing, standings
from harness.oneline.training_clock import TrainingClock
from harness.oneline.world_provenance import Surroundings, surroundings_of
from harness.record import Record
from harness.saes.architectures import AnySAE
from harness.saes.evaluation import evaluate
from harness.saes.training import Recipe, train
from harness.specs import SaeBenchSpec
from harness.specs.sae_bench import Architecture
from harness.worlds.world import SyntheticWorld

_EVALUATED = 5
"""The stream of a seed's samples that experiments evaluate on, so that numbers are the same."""


class Benched(Record):
    """What a command found."""

    world: str
    saes: tuple[Standing, ...]
    """In the order asked for."""
    trained: int
    """SAEs that were trained now."""
    from_board: int
    """SAEs that stood on the leaderboard already."""
    failures: tuple[str, ...]
    """SAEs that have no numbers, and why."""
    notes: tuple[str, ...]
    """What the leaderboard holds and is not shown."""

    @property
    def architectures(self) -> list[str]:
        """As rows call them."""
        return list(dict.fromkeys(each.architecture for each in self.saes))

    @property
    def seeds(self) -> tuple[int, ...]:
        """Of all SAEs."""
        return tuple(sorted({seed for each in self.saes for seed in each.seeds}))


class Found(NamedTuple):
    """A command's own SAEs, and all that stands on the leaderboard of that world."""

    benched: Benched
    board: tuple[Standing, ...]
    surroundings: Surroundings


def bench_sae(
    spec: SaeBenchSpec,
    world: SyntheticWorld,
    leaderboard: Path,
    *,
    again: bool = False,
    progress: Progress = no_progress,
) -> Found:
    """Train and measure what is not on the leaderboard; `again`: all of it.

    An SAE whose training diverges is a failure and no line. Raises `HarnessError` for a
    leaderboard or checkpoint that cannot be read or written.
    """
    known = _board(leaderboard, world)
    surroundings = surroundings_of(world)
    jobs = [_job(spec, world, each) for each in jobs_in(spec)]
    taken = {job.digest: kept for job in jobs if not again and (kept := known.find(job))}
    ours, failures = [*taken.values()], list[str]()
    for place, job in enumerate(jobs):
        progress("SAEs", place, len(jobs))
        if job.digest in taken:
            continue
        trained = _train(job, world, surroundings, progress)
        if trained is None:
            failures.append(f"{_name(job)}: training diverged: weights are not finite")
        else:
            append(leaderboard, trained)
            _checkpoint(job).unlink(missing_ok=True)
            ours.append(trained)
    progress("SAEs", len(jobs), len(jobs))
    places = {job.digest: place for place, job in enumerate(jobs)}
    ours.sort(key=lambda each: places[each.job.digest])
    benched = Benched(
        world=world.entry.id,
        saes=tuple(standings(ours)),
        trained=len(ours) - len(taken),
        from_board=len(taken),
        failures=tuple(failures),
        notes=known.notes,
    )
    return Found(benched, tuple(standings(_board(leaderboard, world).saes)), surroundings)


def _board(leaderboard: Path, world: SyntheticWorld) -> Board:
    return read_board(leaderboard).of(world.entry.id, world.built.sha256)


def _job(spec: SaeBenchSpec, world: SyntheticWorld, sae: tuple[int, Architecture, float]) -> Job:
    seed, architecture, l0 = sae
    return Job(
        world=world.entry.id,
        world_sha256=world.built.sha256,
        architecture=architecture.name,
        config=architecture.config,
        width=spec.width,
        l0=l0,
        samples=spec.samples,
        batch=spec.batch,
        learning_rate=spec.learning_rate,
        eval_samples=spec.eval_samples,
        seed=seed,
    )


def _name(job: Job) -> str:
    return f"{job.title}, L0 {job.l0:g}, seed {job.seed}"


def _checkpoint(job: Job) -> Path:
    return cache_dir() / "bench" / f"{job.digest}.safetensors"


def _train(
    job: Job, world: SyntheticWorld, surroundings: Surroundings, progress: Progress
) -> Trained | None:
    """`None` where training diverged."""
    recipe = Recipe(
        architecture=Architecture(name=job.architecture, config=job.config),
        width=job.width,
        l0=job.l0,
        samples=job.samples,
        batch=job.batch,
        learning_rate=job.learning_rate,
        seed=job.seed,
    )
    clock = TrainingClock(lambda done, total: progress(_name(job), done, total))
    sae = train(world, recipe, checkpoint=_checkpoint(job), told=clock.told)
    if not _is_finite(sae):
        _checkpoint(job).unlink(missing_ok=True)
        return None
    metrics = evaluate(
        sae,
        world,
        samples=job.eval_samples,
        batch=job.batch,
        generator=world.generator(job.seed, _EVALUATED),
    )
    rate = clock.steps_per_second
    return Trained(
        **job.model_dump(),
        **surroundings.model_dump(),
        origin=world.built.origin,
        metrics={name: value for name, value in metrics.items() if isfinite(value)},
        seconds=clock.seconds,
        samples_per_second=None if rate is None else rate * job.batch,
        finished_utc=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _is_finite(sae: AnySAE) -> bool:
    return all(bool(each.isfinite().all()) for each in sae.parameters())
