"""A command's output, its errors and its end."""

from pathlib import Path
from threading import Thread

import pytest

from harness.isolation import Overdue, Rung
from harness.isolation.finished import Middle
from harness.record import HarnessError
from tests.isolation.conftest import MakeCell


def test_lines_come_as_they_are_printed(rung: Rung, make_cell: MakeCell) -> None:
    command = [
        "bash",
        "-c",
        "echo one; read answer; echo $answer; printf last; echo bad >&2; exit 4",
    ]
    with make_cell(rung).job(command, deadline_seconds=20, given="two\n") as job:
        assert list(job.lines()) == ["one", "two", "last"]
        assert job.wait() == 4
        assert job.errors == "bad\n"


def test_without_input_a_command_that_reads_finds_its_end(rung: Rung, make_cell: MakeCell) -> None:
    assert make_cell(rung).finish(["cat"], deadline_seconds=10) == (0, "", False)


def test_output_and_errors_come_in_order(rung: Rung, make_cell: MakeCell) -> None:
    command = ["bash", "-c", "echo a; echo b >&2; echo c; kill -SEGV $$"]
    assert make_cell(rung).finish(command, deadline_seconds=10) == (139, "a\nb\nc\n", False)


def test_a_command_past_its_deadline_is_told_with_what_it_printed(
    rung: Rung, make_cell: MakeCell
) -> None:
    command = ["bash", "-c", "echo begun; sleep 30"]
    ran = make_cell(rung).finish(command, deadline_seconds=0.7)
    assert ran == (137, "begun\n", True)


def test_waiting_ends_at_the_deadline_too(make_cell: MakeCell) -> None:
    command = ["bash", "-c", "exec > /dev/null; sleep 30"]
    with make_cell("process").job(command, deadline_seconds=0.5) as job, pytest.raises(Overdue):
        job.wait()


def test_a_command_that_never_stops_printing_is_overdue(make_cell: MakeCell) -> None:
    ran = make_cell("process").finish(["yes"], deadline_seconds=0.5, most_characters=10)
    assert (ran.code, ran.overdue) == (137, True)


def test_another_thread_can_end_it(rung: Rung, make_cell: MakeCell) -> None:
    command = ["bash", "-c", "echo begun; sleep 30"]
    with make_cell(rung).job(command, deadline_seconds=20) as job:
        lines = job.lines()
        assert next(lines) == "begun"
        Thread(target=job.kill).start()
        assert list(lines) == []
        assert job.wait() == 137


def test_its_processes_are_those_of_the_cell(rung: Rung, make_cell: MakeCell) -> None:
    """Besides the command: the first process, and that of bubblewrap or unshare."""
    command = ["cat", "/dev/stdin", "/dev/zero"]
    with make_cell(rung).job(command, deadline_seconds=20, given="begun\n") as job:
        next(job.texts())  # so it is `cat` already, and stands still once the pipe is full
        names = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in job.processes()]
        assert b"cat\0/dev/stdin\0/dev/zero\0" in names
        assert len(names) <= 4
        job.kill()
        assert job.processes() == []


def test_much_output_is_cut_in_the_middle(make_cell: MakeCell) -> None:
    command = ["bash", "-c", "echo first; yes | head -c 3000000; echo last"]
    ran = make_cell("process").finish(command, deadline_seconds=20, most_characters=1000)
    left_out = 6 + 3_000_000 + 5 - 1000
    assert ran.output.startswith("first\ny\n")
    assert ran.output.endswith("y\nlast\n")
    assert f"\n[… {left_out:,} characters left out …]\n" in ran.output


@pytest.mark.parametrize("step", [1, 3, 7, 100])
def test_the_middle_is_cut_the_same_however_the_text_comes(step: int) -> None:
    text = "0123456789" * 5
    kept = Middle(11)
    for start in range(0, len(text), step):
        kept.add(text[start : start + step])
    assert kept.text == text[:5] + "\n[… 39 characters left out …]\n" + text[-6:]
    whole = Middle(50)
    whole.add(text)
    assert whole.text == text


def test_a_program_that_is_not_there_is_an_error(rung: Rung, make_cell: MakeCell) -> None:
    with pytest.raises(HarnessError, match=r"no-such-program: .*No such file"):
        make_cell(rung).finish(["no-such-program"], deadline_seconds=10)


def test_undecodable_output_is_replaced(make_cell: MakeCell) -> None:
    command = ["printf", r"a\377b\303"]
    assert make_cell("process").finish(command, deadline_seconds=10).output == "a\ufffdb\ufffd"


def test_a_line_without_end_comes_in_pieces(
    make_cell: MakeCell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.isolation.job._LONGEST_LINE", 100_000)
    command = ["bash", "-c", "head -c 300000 /dev/zero | tr '\\0' x; echo; echo last"]
    with make_cell("process").job(command, deadline_seconds=10) as job:
        *pieces, last = job.lines()
    assert last == "last"
    assert "".join(pieces) == "x" * 300_000
    assert len(pieces) > 1
