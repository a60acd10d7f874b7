"""What commands see and may write."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from harness.isolation import Rung
from harness.record import HarnessError
from tests.isolation.conftest import MakeCell


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "code.py").write_text("as it was\n")
    return folder


def shell(make_cell: MakeCell, rung: Rung, script: str, **settings: object) -> tuple[int, str]:
    ran = make_cell(rung, **settings).finish(["bash", "-c", script], deadline_seconds=20)
    assert not ran.overdue
    return ran.code, ran.output


def test_folder_and_home_are_written_and_stay(
    rung: Rung, make_cell: MakeCell, tmp_path: Path
) -> None:
    script = 'echo tree > made; echo home > ~/made; echo scratch > "$TMPDIR/made"'
    assert shell(make_cell, rung, script) == (0, "")
    assert (tmp_path / "tree" / "made").read_text() == "tree\n"
    assert (tmp_path / "home" / "made").read_text() == "home\n"
    assert (tmp_path / "home" / "tmp" / "made").read_text() == "scratch\n"


def test_the_project_is_read_and_not_written(
    apart: Rung, make_cell: MakeCell, project: Path
) -> None:
    script = f"cat {project}/code.py; echo planted > {project}/code.py; rm {project}/code.py"
    code, output = shell(make_cell, apart, script, also_readable=(project,))
    assert code != 0
    assert output.startswith("as it was\n")
    assert output.count("Read-only file system") == 2
    assert (project / "code.py").read_text() == "as it was\n"


def test_control_on_the_process_rung_the_project_is_written(
    make_cell: MakeCell, project: Path
) -> None:
    assert shell(make_cell, "process", f"echo planted > {project}/code.py")[0] == 0
    assert (project / "code.py").read_text() == "planted\n"


@pytest.mark.parametrize("place", [sys.prefix, "/etc", "/usr/bin", "/var/tmp", "/sys", "/proc/sys"])
def test_no_place_of_the_machine_is_written(apart: Rung, make_cell: MakeCell, place: str) -> None:
    code, output = shell(make_cell, apart, f"echo planted > {place}/planted-by-a-test")
    assert code != 0, output
    assert not (Path(place) / "planted-by-a-test").exists()


def test_settings_of_the_kernel_are_not_written(apart: Rung, make_cell: MakeCell) -> None:
    """Root's own files in /proc need no capability; only the mount keeps them."""
    name = "/proc/sys/vm/swappiness"
    code, output = shell(make_cell, apart, f"cat {name} > ~/was; cat ~/was > {name}")
    assert code != 0
    assert "Read-only file system" in output or "Permission denied" in output


def test_also_writable_is_written(apart: Rung, make_cell: MakeCell, project: Path) -> None:
    script = f"echo changed > {project}/code.py"
    assert shell(make_cell, apart, script, also_writable=(project,)) == (0, "")
    assert (project / "code.py").read_text() == "changed\n"


def test_tmp_and_run_are_private_and_empty(
    apart: Rung, make_cell: MakeCell, project: Path, tmp_path: Path
) -> None:
    checkout = Path(__file__).parents[2]
    shown = [each for each in (tmp_path, checkout, Path(sys.prefix)) if each.is_relative_to("/tmp")]
    tops = {each.relative_to("/tmp").parts[0] for each in shown}
    script = f"ls {project}; ls -A /run; echo seen > /tmp/of-a-test; cat /tmp/of-a-test; ls /tmp"
    _, output = shell(make_cell, apart, script)
    assert "No such file or directory" in output
    assert output.splitlines()[1] == "seen"
    assert set(output.splitlines()[2:]) == {"of-a-test", *tops}
    assert not Path("/tmp/of-a-test").exists()


def test_hidden_places_look_empty(apart: Rung, make_cell: MakeCell, project: Path) -> None:
    (project / "keys").mkdir()
    (project / "keys" / "key").write_text("sk-planted")
    (project / "netrc").write_text("sk-planted")
    hidden = (project / "keys", project / "netrc", project / "not-there")
    script = f"ls -A {project}/keys; cat {project}/netrc; echo x > {project}/keys/y"
    settings = {"also_readable": (project,), "hidden": hidden}
    code, output = shell(make_cell, apart, script, **settings)
    assert code != 0
    assert output.count("\n") == 1
    assert "Read-only file system" in output
    assert "sk-planted" in shell(make_cell, "process", f"cat {project}/netrc", hidden=hidden)[1]


def test_the_folder_may_lie_in_what_is_hidden(
    apart: Rung, make_cell: MakeCell, tmp_path: Path
) -> None:
    (tmp_path / "journal").write_text("the orchestrator's own")
    script = f"echo tree > made; ls -A {tmp_path}"
    assert shell(make_cell, apart, script, hidden=(tmp_path,)) == (0, "home\ntree\n")
    assert (tmp_path / "tree" / "made").read_text() == "tree\n"


@pytest.mark.parametrize(
    "attempt",
    [
        "mount -o remount,rw,bind /",
        "mount -o remount,rw /",
        "umount -l /etc /tmp",
        "mount -t tmpfs none /etc",
        "unshare -m mount -o remount,rw,bind /",
        "unshare -Urm sh -c 'mount -o remount,rw,bind / && touch /etc/planted-by-a-test'",
        "unshare -Um sh -c 'mount -o remount,rw,bind / && touch /etc/planted-by-a-test'",
        "nsenter -t 1 -m true",
        "chroot / true",
        "mknod disk b 254 0",
    ],
)
def test_what_was_laid_cannot_be_taken_away(apart: Rung, make_cell: MakeCell, attempt: str) -> None:
    code, _ = shell(make_cell, apart, f"({attempt}) && exit 1; touch /etc/planted-by-a-test")
    assert code != 0
    assert not Path("/etc/planted-by-a-test").exists()
    assert shell(make_cell, apart, attempt)[0] != 0


def test_no_capability_is_left_and_none_comes_back(rung: Rung, make_cell: MakeCell) -> None:
    _, output = shell(
        make_cell, rung, "grep -E '^(Cap(Prm|Eff|Inh|Amb)|NoNewPrivs)' /proc/self/status"
    )
    values = dict(line.split(":\t") for line in output.splitlines())
    assert values.pop("NoNewPrivs") == "1"
    assert set(values.values()) == {"0" * 16}


def test_there_is_no_disk_in_dev_and_its_usual_files_work(apart: Rung, make_cell: MakeCell) -> None:
    script = "find /dev -type b; echo x > /dev/null; head -c 3 /dev/zero | wc -c; echo err >&2"
    assert shell(make_cell, apart, f"{script}; echo out > /dev/stdout; [ -w /dev/shm ]") == (
        0,
        "3\nerr\nout\n",
    )


def test_other_processes_are_out_of_sight(apart: Rung, make_cell: MakeCell) -> None:
    script = "cat /proc/[0-9]*/cmdline | tr '\\0' ' '; ls -d /proc/[0-9]* | wc -l"
    with subprocess.Popen(["sleep", "54.3210"]) as other:
        _, output = shell(make_cell, apart, script)
        assert "sleep 54.3210" not in output
        assert int(output.split()[-1]) <= 6
        assert "sleep 54.3210" in shell(make_cell, "process", script)[1]
        other.kill()


def test_the_harness_runs_in_the_cell(rung: Rung, make_cell: MakeCell) -> None:
    code, output = shell(
        make_cell, rung, "python -c 'import harness.record, sys; print(sys.prefix)'"
    )
    assert (code, output) == (0, f"{sys.prefix}\n")


def test_a_program_out_of_sight_is_told(apart: Rung, make_cell: MakeCell, project: Path) -> None:
    program = project / "program"
    program.write_text("#!/bin/sh\necho ran\n")
    program.chmod(0o755)
    with pytest.raises(HarnessError, match=r"a cell does not see it.*also_readable"):
        make_cell(apart).finish([os.fspath(program)], deadline_seconds=5)
    cell = make_cell(apart, also_readable=(project,))
    assert cell.finish([os.fspath(program)], deadline_seconds=5).output == "ran\n"


def test_without_network_nothing_outside_answers(apart: Rung, make_cell: MakeCell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        ask = f"exec 3<>/dev/tcp/127.0.0.1/{port}"
        assert shell(make_cell, apart, ask)[0] == 0
        assert shell(make_cell, apart, ask, network=False)[0] != 0
    own = "from socket import *; a = create_server(('127.0.0.1', 0))"
    own += "; create_connection(a.getsockname())"
    assert shell(make_cell, apart, f'python -W ignore -c "{own}"', network=False) == (0, "")
