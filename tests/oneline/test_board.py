import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness.oneline.board import append, read_board
from harness.oneline.standings import standings
from harness.record import HarnessError
from tests.oneline.benched import line


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "boards/own.jsonl"


def test_lines_are_read_as_they_were_written(path: Path) -> None:
    assert read_board(path) == ((), ())
    written = [line(0, config={"matryoshka_widths": (8, 16), "on": True}), line(1, seconds=None)]
    for each in written:
        append(path, each)
    assert read_board(path).saes == tuple(written)
    assert len(path.read_text().splitlines()) == 2


def test_a_torn_line_is_told_of_and_what_follows_it_is_whole(path: Path) -> None:
    append(path, line(0))
    whole = path.read_bytes()
    path.write_bytes(whole + whole[: len(whole) // 2])
    assert [each.seed for each in read_board(path).saes] == [0]
    (note,) = read_board(path).notes
    assert note.startswith("own.jsonl:2: not a whole line")
    append(path, line(1))
    assert [each.seed for each in read_board(path).saes] == [0, 1]
    assert read_board(path).notes == (note,)
    assert path.read_bytes().startswith(whole + whole[: len(whole) // 2])


def test_a_line_without_its_end_alone_is_whole(path: Path) -> None:
    append(path, line(0))
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    append(path, line(1))
    assert [each.seed for each in read_board(path).saes] == [0, 1]
    assert read_board(path).notes == ()


@pytest.mark.parametrize(
    "spoilt",
    [b"{}", b"\xff\xfe", b"[1]", b'{"world": NaN}', line(f1=1.0).model_dump_json().encode()],
)
def test_lines_with_impossible_content_are_left_out(path: Path, spoilt: bytes) -> None:
    append(path, line(3))
    spoilt = spoilt.replace(b'"latent_f1":1.0', b'"latent_f1":1.1')
    path.write_bytes(spoilt + b"\n" + path.read_bytes())
    board = read_board(path)
    assert [each.seed for each in board.saes] == [3]
    assert [note.split(":")[1] for note in board.notes] == ["1"]


def test_a_job_that_was_done_again_counts_once_with_its_latest_numbers(path: Path) -> None:
    for f1 in (0.2, 0.6):
        append(path, line(0, f1=f1))
    (latest,) = read_board(path).saes
    assert latest.metrics["latent_f1"] == 0.6
    assert len(path.read_text().splitlines()) == 2


def test_other_worlds_and_other_content_are_told_apart(path: Path) -> None:
    for each in (line(0), line(1, world_sha256="1" * 64), line(2, world="synthsae-1k")):
        append(path, each)
    own = read_board(path).of("synthsae-16k", "0" * 64)
    assert [each.seed for each in own.saes] == [0]
    assert own.notes == (
        "2 SAEs of other worlds, or of a synthsae-16k of other content, are left out",
    )


def test_only_the_very_same_job_is_found(path: Path) -> None:
    append(path, line(0))
    board = read_board(path)
    assert board.find(line(0, f1=0.1).job) is not None
    for change in ({"samples": 7}, {"l0": 20}, {"config": {"k": 1}}, {"eval_samples": 1}):
        assert board.find(line(0, **change).job) is None
    assert board.find(line(1).job) is None


def test_a_folder_in_its_place_is_refused(tmp_path: Path) -> None:
    for action in (lambda: read_board(tmp_path), lambda: append(tmp_path, line(0))):
        with pytest.raises(HarnessError, match=r"cannot be (read|written): Is a directory"):
            action()


def test_writers_that_are_killed_leave_whole_lines_for_all_that_was_told(path: Path) -> None:
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from harness.oneline.board import append\n"
        "from tests.oneline.benched import line\n"
        "for seed in range(10**6):\n"
        "    append(Path(sys.argv[1]), line(seed))\n"
        "    print(seed, flush=True)\n"
    )
    writer = subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    told = [int(writer.stdout.readline()) for _ in range(20)]
    os.kill(writer.pid, signal.SIGKILL)
    writer.stdout.close()
    writer.wait()
    append(path, line(10**7))
    seeds = [each.seed for each in read_board(path).saes]
    assert set(told) <= set(seeds)
    assert seeds[-1] == 10**7


def test_seeds_make_one_standing_with_an_interval_and_one_seed_has_none() -> None:
    two = [line(0, f1=0.5), line(1, f1=0.7, seconds=None), line(0, f1=0.9, l0=20)]
    pair, single = standings(two)
    assert (pair.seeds, pair.l0, pair.scores["latent_f1"].mean) == ((0, 1), 25, pytest.approx(0.6))
    low, high = pair.scores["latent_f1"].low, pair.scores["latent_f1"].high
    assert low is not None and high is not None and low < 0.5 < 0.7 < high
    assert (single.seeds, single.scores["latent_f1"].low) == ((0,), None)
    assert pair.seconds is not None and pair.seconds.mean == 2.0
    assert pair.seconds.low is None, "the other seed's time is unknown"


def test_seconds_have_students_interval_over_seeds() -> None:
    (found,) = standings([line(seed, seconds=float(seed + 1)) for seed in range(3)])
    assert found.seconds is not None and found.seconds.high is not None
    assert found.seconds.high - found.seconds.mean == pytest.approx(4.30265 / 3**0.5, rel=1e-4)


def test_no_time_that_was_measured_is_none_and_not_zero() -> None:
    (found,) = standings([line(0, seconds=None, samples_per_second=None)])
    assert found.seconds is None and found.samples_per_second is None
