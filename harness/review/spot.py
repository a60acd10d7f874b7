"""Run some measurements of a submission again, chosen by a draw that nobody picks by hand.

The specs are data; all code is this package's own. Nothing that a stranger's spec names is fetched
from a place of their choosing: only registered models, and those only where they are at hand.
"""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from pydantic import JsonValue, PositiveFloat, PositiveInt

from harness.experiments.context import Progress, no_progress
from harness.measurement import Measurement
from harness.models.registry import entries
from harness.models.studied import why_not_at_hand
from harness.record import HarnessError, Record
from harness.replication import Replication
from harness.rerun import Compared, compare_row, row_key
from harness.review.finding import Finding, Severity
from harness.review.opened import Opened
from harness.review.outcome import Spot
from harness.review.rules.paths import shown
from harness.run import run
from harness.specs import ExperimentSpec


class Draw(Record):
    """How many measurements are drawn, and how long one experiment may have taken."""

    count: PositiveInt
    minutes: PositiveFloat = 10
    """By the manifest; an experiment that took longer is skipped."""
    device: str = "auto"


def spots(opened: Opened, draw: Draw, progress: Progress = no_progress) -> tuple[Spot, ...]:
    """One entry for each experiment and seed that the drawn measurements belong to."""
    groups: dict[tuple[str, int], list[Measurement]] = {}
    for row in drawn(opened, draw.count):
        groups.setdefault((row.experiment, row.seed), []).append(row)
    specs = {spec.id: spec for spec in opened.replication.spec.experiments}
    found: list[Spot] = []
    for (name, seed), rows in groups.items():
        reason = why_skipped(opened, specs[name], seed, draw)
        if reason is None:
            found.append(run_again(opened, specs[name], rows, draw=draw, progress=progress))
        else:
            found.append(Spot(experiment=name, seed=seed, skipped=reason))
    return tuple(found)


def drawn(opened: Opened, count: int) -> list[Measurement]:
    """Measurements by a generator that commit, name and rows seed: the same for everybody."""
    specs = opened.replication.spec.experiments
    rows = [row for spec in specs for row in opened.replication.rows(spec)]
    own = [row for row in rows if row.experiment in {spec.id for spec in specs}]
    hashed = sha256(f"{opened.submission.commit} {opened.submission.name}".encode())
    for row in own if opened.submission.commit is None else ():
        hashed.update(row.model_dump_json().encode())
    return Random(hashed.digest()).sample(own, min(count, len(own)))


def why_skipped(opened: Opened, spec: ExperimentSpec, seed: int, draw: Draw) -> str | None:
    """None where the experiment can be run here, else the reason."""
    if seed not in spec.seeds:
        return f"the spec does not ask for seed {seed}"
    for name in _places(spec.model_dump(mode="json")):
        if name not in {entry.source for entry in entries()}:
            return f"names {shown(name)}, which is not registered; a review fetches nothing else"
    manifest = opened.replication.manifest()
    ran = manifest.experiments.get(spec.id) if manifest else None
    if ran is None:
        return "no manifest tells how long it takes"
    if ran.seconds > draw.minutes * 60:
        return f"took {ran.seconds / 60:.0f} minutes; `--spot-minutes` allows {draw.minutes:g}"
    try:
        return why_not_at_hand(spec)
    except HarnessError as error:
        return shown(str(error))


def run_again(
    opened: Opened,
    spec: ExperimentSpec,
    chosen: Iterable[Measurement],
    *,
    draw: Draw,
    progress: Progress = no_progress,
) -> Spot:
    """The experiment at the one seed of the chosen rows, in a scratch folder, without a cache.

    Every committed row of that seed is compared, and not the chosen ones alone.
    """
    picked = list(chosen)
    seed = picked[0].seed
    committed = [row for row in opened.replication.rows(spec) if row.seed == seed]
    with TemporaryDirectory(prefix="spot-") as folder:
        copy = _only(opened.replication, spec, seed, Path(folder).resolve())
        try:
            run(copy, device=draw.device, use_cache=False, progress=progress)
        except HarnessError as error:
            return Spot(experiment=spec.id, seed=seed, skipped=shown(str(error)))
        if copy.failures():
            error = f"crashed here: {copy.failures()[0].error}"
            return Spot(experiment=spec.id, seed=seed, skipped=shown(error))
        again = {row_key(row): row for row in copy.measurements()}
    compared = {row_key(row): compare_row(row, again.get(row_key(row))) for row in committed}
    return Spot(
        experiment=spec.id,
        seed=seed,
        chosen=tuple(compared[row_key(row)] for row in picked),
        rows=len(compared),
        off=tuple(each for each in compared.values() if not each.agrees),
    )


def spot_findings(opened: Opened, found: Iterable[Spot]) -> Iterator[Finding]:
    """A number that does not come out again is a blocker; what was skipped is said."""
    for spot in found:
        if spot.skipped is not None:
            message = f"experiment {spot.experiment}, seed {spot.seed}, not run: {spot.skipped}"
            yield _finding(opened, spot, message, severity="note")
        for each in spot.off:
            yield _finding(opened, spot, f"{each.outcome}: {_numbers(each)}")


def _only(replication: Replication, spec: ExperimentSpec, seed: int, project: Path) -> Replication:
    """A replication of one experiment at one seed."""
    alone = replication.spec.model_copy(
        update={"experiments": (spec.model_copy(update={"seeds": (seed,)}),)}
    )
    root = project / replication.name
    root.mkdir(parents=True)
    return Replication(root, alone, replication.paper)


def _places(value: JsonValue) -> Iterator[str]:
    """Every text of a spec that names a folder, a hub's repository or an address."""
    match value:
        case str() if value.startswith(("path:", "hf:", "https:")):
            yield value
        case list():
            for inner in value:
                yield from _places(inner)
        case dict():
            for inner in value.values():
                yield from _places(inner)
        case _:
            return


def _numbers(each: Compared) -> str:
    return shown(f"committed {each.committed}, again {each.again}: {each.name}", longest=1000)


def _finding(
    opened: Opened, spot: Spot, message: str, *, severity: Severity = "blocker"
) -> Finding:
    spec = next(s for s in opened.replication.spec.experiments if s.id == spot.experiment)
    file = opened.replication.measurements_file(spec).name
    return Finding(
        rule="spot",
        axis="reproducibility",
        severity=severity,
        path=opened.submission.path(f"measurements/{file}"),
        message=message,
    )
