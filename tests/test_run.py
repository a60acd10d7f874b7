import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.experiments import probing
from harness.experiments.context import Context
from harness.measurement import Measurement
from harness.record import HarnessError
from harness.run import run, write_verdicts
from harness.specs import ProbingSpec

REPLICATION = "replications/tiny-truth/tiny"


def crash_with(error: BaseException) -> Any:
    """A family's `run` that measures one row and then dies."""

    def crashing(spec: ProbingSpec, _context: Context) -> Iterator[Measurement]:
        yield Measurement(
            experiment=spec.id, metric="chosen_layer", value=1, n=1, seed=0, conditions={}
        )
        raise error

    return crashing


def outcomes(project: Any) -> dict[str, str]:
    return {verdict.claim: verdict.outcome for verdict in project.open().verdicts()}


# --- what is finished


def test_a_finished_experiment_is_skipped_and_no_file_is_touched(finished: Any, cli: Any) -> None:
    before = finished.state()
    started = time.process_time()
    ended = cli("run", REPLICATION)
    assert time.process_time() - started < 2
    assert ended.code == 0
    after = finished.state()
    after.pop(f"{REPLICATION}/.lock", None)
    before.pop(f"{REPLICATION}/.lock", None)
    assert {name: kept for name, (_, kept) in after.items()} == {
        name: kept for name, (_, kept) in before.items()
    }
    files = {name: when for name, (when, content) in after.items() if content}
    assert files == {name: when for name, (when, content) in before.items() if content}


def test_rows_of_an_edited_spec_stop_counting(finished: Any) -> None:
    assert len(finished.open().evidence()) > 0
    assert outcomes(finished)["negation-flips"] != "not_tested"
    finished.edit("seeds: [0, 1]", "seeds: [0, 2]")
    assert len(finished.open().evidence()) == 0
    verdict = finished.open().verdicts()[1]
    assert (verdict.outcome, verdict.estimates) == ("not_tested", ())


def test_an_edited_experiment_runs_again_and_the_other_does_not(finished: Any) -> None:
    before = finished.rows_files()
    finished.edit("    layer: 1\n", "    layer: 2\n")
    run(finished.open(), device="cpu")
    after = finished.rows_files()
    assert {name: content for name, content in after.items() if name in before} == before
    assert len(after) == len(before) + 1


def test_the_manifest_says_what_it_takes_to_obtain_the_numbers_again(finished: Any) -> None:
    opened = finished.open()
    manifest = opened.manifest()
    assert set(manifest.experiments) == {"transfer", "by-statement"}
    for spec in opened.spec.experiments:
        ran = manifest.experiments[spec.id]
        assert ran.spec_digest == spec.digest
        assert ran.seconds > 0
        assert ran.peak_memory_mib > 10
        assert (ran.device, ran.dtype, ran.threads > 0) == ("cpu", "float32", True)
        assert set(ran.data) == set(spec.sets)
        assert {used.statements for used in ran.data.values()} == {48}
        assert len(ran.models[spec.model].sha256) == 64
    assert manifest.packages["torch"]
    assert (manifest.commit is None) == (manifest.dirty is None)


# --- crashes


def test_a_crash_is_recorded_and_the_claims_name_it(
    project: Any, cli: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = Path.home() / "models/secret.bin"
    error = OSError(errno.EIO, "cannot read", str(secret))
    monkeypatch.setattr(probing, "run", crash_with(error))
    ended = cli("run", REPLICATION)
    assert ended.code == 1
    assert "failed: transfer: OSError: " in ended.err
    failed = sorted(project.folder.glob("measurements/*.failed.json"))
    assert [path.name.split(".")[0] for path in failed] == ["by-statement", "transfer"]
    assert project.rows_files() == {}
    for path in failed:
        content = json.loads(path.read_text())
        assert "cannot read" in content["error"]
        assert "secret.bin" in content["error"]
        assert "run.py" in content["traceback"]
        for private in (Path.home(), project.root, Path(sys.prefix), Path(__file__).parents[1]):
            assert str(private) not in path.read_text()
    verdicts = {verdict.claim: verdict for verdict in project.open().verdicts()}
    assert verdicts["truth-linear"].outcome == "not_tested"
    reason = verdicts["truth-linear"].reason
    assert "failed: transfer: OSError" in reason
    assert "; by-statement: OSError" in reason
    assert verdicts["truth-linear"].estimates == ()


def test_a_crash_is_tried_again_and_forgotten_on_success(
    project: Any, cli: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(probing, "run", crash_with(RuntimeError("planted")))
        assert cli("run", REPLICATION).code == 1
    assert cli("run", REPLICATION).code == 0
    assert list(project.folder.glob("measurements/*.failed.json")) == []
    assert project.open().failures() == []
    assert "not_tested" not in [outcomes(project)[name] for name in ("truth-linear",)]


def test_one_crash_does_not_keep_the_next_experiment_from_running(
    project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = probing.run

    def sometimes(spec: ProbingSpec, context: Context) -> Iterator[Measurement]:
        yield from crash_with(MemoryError())(spec, context) if spec.judged else real(spec, context)

    monkeypatch.setattr(probing, "run", sometimes)
    run(project.open(), device="cpu")
    assert [failure.error for failure in project.open().failures()] == ["MemoryError: "]
    assert [name.split(".")[0] for name in project.rows_files()] == ["by-statement"]


def test_a_mistake_of_the_user_is_raised_and_leaves_nothing(
    project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probing, "run", crash_with(HarnessError("mend it")))
    with pytest.raises(HarnessError, match="mend it"):
        run(project.open(), device="cpu")
    left = {path.name for path in project.folder.rglob("*")} - {".lock"}
    assert left == {"replication.yaml"}


def test_a_full_disk_loses_nothing_and_says_so(
    project: Any, cli: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fsync

    def full(descriptor: int) -> None:
        if "by-statement" in str(Path(f"/proc/self/fd/{descriptor}").readlink()):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(descriptor)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        ended = cli("run", REPLICATION)
    assert ended.code == 2
    assert "No space left on device" in ended.err
    kept = project.rows_files()
    assert [name.split(".")[0] for name in kept] == ["transfer"]
    assert list(project.folder.rglob("*.partial")) == []
    assert cli("run", REPLICATION).code == 0
    assert len(project.rows_files()) == 2
    assert kept.items() <= project.rows_files().items()


def test_what_a_killed_run_left_half_written_is_swept_up(finished: Any) -> None:
    (finished.folder / "artifacts").mkdir(exist_ok=True)
    left = [
        finished.folder / ".manifest.json.123.partial",
        finished.folder / "measurements/.transfer.12345678.jsonl.123.partial",
        finished.folder / "artifacts/.transfer.12345678.pca.npz.123.partial",
    ]
    for path in left:
        path.write_text("{")
    run(finished.open(), device="cpu")
    assert [path for path in left if path.exists()] == []


# --- one writer, many readers

HOLD = """
import sys, time
import harness.run
from harness.cli import main
def slow(spec, context):
    print("running", flush=True)
    time.sleep(60)
    yield
harness.run.run_experiment = slow
sys.argv = ["harness", "run", sys.argv[1]]
main()
"""


@pytest.fixture
def running(finished: Any) -> Iterator[subprocess.Popen[str]]:
    """Another process in the middle of the second experiment."""
    finished.edit("    layer: 1\n", "    layer: 2\n")
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(finished.folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "running\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_writer_is_refused_while_readers_go_on(
    finished: Any, cli: Any, running: subprocess.Popen[str]
) -> None:
    second = cli("run", REPLICATION)
    assert second.code == 2
    assert "another process is running this replication" in second.err
    assert cli("check", REPLICATION).code == 0
    assert len(finished.open().evidence()) > 0
    assert cli("judge", REPLICATION).code == 0
    running.kill()
    running.wait()
    run(finished.open(), device="cpu")
    assert len(finished.open().rows(finished.open().spec.experiments[1])) > 0


def test_an_interrupted_command_says_that_it_goes_on_from_here(
    running: subprocess.Popen[str],
) -> None:
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=30)
    assert running.returncode == 130
    assert "the same command goes on from here" in said
    assert "Traceback" not in said


# --- verdicts


def test_the_stored_verdicts_are_those_that_the_rows_give(finished: Any) -> None:
    before = (finished.folder / "verdicts.json").read_bytes()
    write_verdicts(finished.open())
    assert (finished.folder / "verdicts.json").read_bytes() == before
    assert json.loads(before)["paper_digest"] == finished.open().paper.digest
    assert len(json.loads(before)["verdicts"]) == 5
