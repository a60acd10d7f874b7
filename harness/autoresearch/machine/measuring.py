"""One run: a candidate trains in a cell, another cell encodes, the scorer measures.

A run happens once. What is recorded of it is never made again.
"""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

from harness.autoresearch.campaign import with_neighbours
from harness.autoresearch.candidate import Candidate
from harness.autoresearch.ledger.event import Invalid, Ran, Run, Scored
from harness.autoresearch.machine.desk import Desk
from harness.autoresearch.sandbox.encoding import Encode, encoder_in_cell
from harness.autoresearch.sandbox.fresh import make_fresh, remove
from harness.autoresearch.sandbox.place import Place, RunFailed
from harness.autoresearch.sandbox.training import Trained, train_in_cell
from harness.autoresearch.scorer.bench import Bench
from harness.autoresearch.task import Task
from harness.cache_dir import cache_dir
from harness.isolation.private import private_places
from harness.record import HarnessError

Metrics = dict[str, float]


def measure(desk: Desk, run: Run, trial: int, task: Task | None = None) -> Metrics | Invalid:
    """The metrics of a run; an `Invalid` where it has none.

    `task` is named where it is not the campaign's own. Raises `HarnessError` for what is not the
    candidate's fault.
    """
    known = _known(desk, run)
    if known is not None:
        return known
    at_work = desk.work(desk, run, trial, task or desk.task)
    if run not in desk.history.weights:
        _record(desk, at_work.trained, Ran, f"training, {at_work.name}")
    if run in desk.history.weights:
        _record(desk, at_work.scored, Scored, f"scoring, {at_work.name}")
    found = _known(desk, run)
    assert found is not None, run
    return found


def _record(
    desk: Desk, work: Callable[[], Ran | Scored | Invalid], kind: type[Ran | Scored], doing: str
) -> None:
    """Take what came of it from the record, or do it and record that."""
    if desk.tape.take(kind, Invalid) is None:
        desk.say(doing)
        began = time.monotonic()
        event = work()
        desk.tape.put(event, seconds=time.monotonic() - began)


def _known(desk: Desk, run: Run) -> Metrics | Invalid | None:
    history = desk.history
    return history.scores[run] if run in history.scores else history.invalid.get(run)


class Measuring:
    """The work of one run, without its record."""

    def __init__(self, desk: Desk, run: Run, trial: int, task: Task) -> None:
        self._desk, self._run, self._trial, self._task = desk, run, trial, task

    @property
    def name(self) -> str:
        """For whoever watches."""
        trial = f"trial {self._trial}" if self._trial else "baseline"
        return f"{trial}, {self._run.tier} seed {self._run.seed}"

    @property
    def _candidate(self) -> Candidate:
        return self._desk.campaign.candidate(self._run.candidate)

    @property
    def _bench(self) -> Bench:
        return self._desk.bench(self._task)

    def trained(self) -> Ran | Invalid:
        """Train in a cell; the artefact lies in the store then."""
        run, bench = self._run, self._bench
        try:
            trained = self._in_cell(bench)
        except RunFailed as failed:
            return self._invalid(failed)
        sha256 = self._desk.campaign.store.put(trained.weights)
        return Ran(trial=self._trial, run=run, weights=sha256, log=trained.log)

    def _in_cell(self, bench: Bench) -> Trained:
        run = self._run
        place = self._place("train")
        try:
            return train_in_cell(
                place,
                self._candidate,
                self._task.contract,
                seed=bench.candidate_seed(run.tier, run.seed),
                device=self._desk.history.begun.device,
                d_in=bench.d_in,
                draw=bench.drawing(run.tier, run.seed),
                told=lambda done, total: self._desk.progress(self.name, done, total),
            )
        finally:
            remove(place.folder)

    def scored(self) -> Scored | Invalid:
        """Measure the artefact that is recorded."""
        run = self._run
        weights = self._desk.campaign.store.get(self._desk.history.weights[run])
        try:
            with self._encoder("encode", weights) as encode, self._encoder("again", weights) as two:
                metrics = self._bench.measure(run.tier, run.seed, weights, encode, two)
        except RunFailed as failed:
            return self._invalid(failed)
        return Scored(trial=self._trial, run=run, metrics=metrics)

    @contextmanager
    def _encoder(self, part: str, weights: bytes) -> Generator[Encode]:
        place = self._place(part)
        try:
            with encoder_in_cell(
                place,
                self._candidate,
                self._task.contract,
                weights=weights,
                device=self._desk.history.begun.device,
            ) as encode:
                yield encode
        finally:
            remove(place.folder)

    def _invalid(self, failed: RunFailed) -> Invalid:
        if failed.cause == "infrastructure":
            raise HarnessError(f"{self.name}: {failed.message}") from failed
        return Invalid(
            trial=self._trial,
            run=self._run,
            cause=failed.cause,
            message=failed.message,
            log=failed.log,
        )

    def _place(self, part: str) -> Place:
        run, campaign = self._run, self._desk.campaign
        name = f"{run.candidate[:12]}-{run.on or ''}-{run.tier}-{run.seed}-{part}"
        folder = (self._desk.scratch / name).resolve()
        make_fresh(folder)
        return Place(
            rung=self._desk.history.begun.isolation,
            folder=folder,
            hidden=(
                *with_neighbours(campaign.folder),
                cache_dir().resolve() / "worlds",
                *private_places(),
            ),
        )
