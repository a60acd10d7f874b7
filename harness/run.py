"""The stages that write: run experiments, judge claims. One writer a folder; crashes are data."""

import re
import time
import traceback
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from harness.experiments import run_experiment
from harness.experiments.context import Context, Progress, no_progress
from harness.frozen import require_frozen
from harness.manifest import ExperimentRun, Manifest
from harness.measurement import Failure
from harness.record import HarnessError, write_text
from harness.replication import Replication, VerdictFile
from harness.specs import ExperimentSpec

_MACHINE_PATH = re.compile(r"(?<![\w:/.~])~?(?:/[^\s/'\":,;()]+)+/([^\s/'\":,;()]+)")
"""An absolute path; its last part is what may be shown."""


def run(
    replication: Replication,
    *,
    device: str = "auto",
    use_cache: bool = True,
    progress: Progress = no_progress,
) -> None:
    """Run what has not been run; what stands complete is skipped.

    A crash of one experiment is recorded as a `Failure` and the next one goes on. Raises
    `HarnessError` for what the user can mend, and where another process is writing here.
    """
    with only_writer(replication.root, "another process is running this replication"):
        _sweep_up(replication.root)
        for spec in replication.spec.experiments:
            if not replication.measurements_file(spec).exists():
                context = Context(
                    replication.artifacts(spec),
                    device=device,
                    use_cache=use_cache,
                    progress=progress,
                )
                _run_one(replication, spec, context)


def write_verdicts(replication: Replication) -> VerdictFile:
    """Judge every claim and write `verdicts.json`.

    Raises `HarnessError` where the paper's spec is another than it was frozen as.
    """
    require_frozen(replication)
    judged = VerdictFile(paper_digest=replication.paper.digest, verdicts=replication.verdicts())
    judged.dump(replication.root / "verdicts.json")
    return judged


def _run_one(replication: Replication, spec: ExperimentSpec, context: Context) -> None:
    failed = replication.failure_file(spec)
    started = time.perf_counter()
    try:
        lines = [row.model_dump_json(exclude_none=True) for row in run_experiment(spec, context)]
    except HarnessError:
        raise
    except Exception as error:  # a crash is data
        _failure(spec, error).dump(failed)
        return
    _note(replication, spec, context, time.perf_counter() - started)
    failed.unlink(missing_ok=True)
    write_text(replication.measurements_file(spec), "".join(line + "\n" for line in lines))


def _note(replication: Replication, spec: ExperimentSpec, context: Context, seconds: float) -> None:
    """Write the manifest before the rows, so that rows never stand without it."""
    from harness.models.device import describe_device, peak_memory_mib

    device = describe_device(context.device)
    ran = ExperimentRun(
        spec_digest=spec.digest,
        seconds=round(seconds, 2),
        peak_memory_mib=round(peak_memory_mib(), 1),
        device=device.name,
        driver=device.driver,
        threads=device.threads,
        dtype=spec.dtype,
        finished_utc=datetime.now(UTC).isoformat(timespec="seconds"),
        models=context.models,
        data=context.data,
    )
    before = replication.manifest()
    known = {experiment.id for experiment in replication.spec.experiments}
    every = {**(before.experiments if before else {}), spec.id: ran}
    experiments = {name: run for name, run in every.items() if name in known}
    Manifest.now(replication.root, experiments).dump(replication.root / "manifest.json")


def _failure(spec: ExperimentSpec, error: Exception) -> Failure:
    """The crash without the machine's paths."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f"{_inside_package(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
    message = str(error).replace(str(Path.home()), "~")
    return Failure(
        experiment=spec.id,
        error=_MACHINE_PATH.sub(r"…/\1", f"{type(error).__name__}: {message}"),
        traceback="\n".join(lines),
    )


def _inside_package(filename: str) -> str:
    parts = Path(filename).parts
    for anchor in ("site-packages", "harness"):
        if anchor in parts:
            last = len(parts) - 1 - parts[::-1].index(anchor)
            return "/".join(parts[last:])
    return parts[-1]


def _sweep_up(root: Path) -> None:
    """Remove what a killed run left half written; only runs write these files."""
    for pattern in ("measurements/.*.partial", "artifacts/.*.partial", ".manifest.json.*.partial"):
        for path in root.glob(pattern):
            path.unlink()


@contextmanager
def only_writer(root: Path, busy: str) -> Generator[None]:
    """Hold a folder's lock. Raises `HarnessError`: `busy` where another process holds it."""
    lock = FileLock(root / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise HarnessError(f"{root}: {busy}") from error
    except OSError as error:
        raise HarnessError(f"{root}: cannot be written: {error.strerror}") from error
    try:
        yield
    finally:
        lock.release()
