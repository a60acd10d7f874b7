import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from agents.drivers.tools import TOOLS, Result, Toolbox
from agents.drivers.tools.shown import shown
from harness.isolation import Cell


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    tree = tmp_path / "tree"
    tree.mkdir()
    return tree


@pytest.fixture
def box(tmp_path: Path, tree: Path) -> Toolbox:
    cell = Cell(rung="process", folder=tree, home=tmp_path / "home")
    return Toolbox(cell, tmp_path / "memory")


def use(box: Toolbox, tool: str, seconds: float = 20.0, **arguments: Any) -> Result:
    return box.run(tool, arguments, seconds=seconds)


def test_bash_runs_in_the_tree_and_tells_its_exit_code(box: Toolbox, tree: Path) -> None:
    assert use(box, "bash", command="pwd; echo oops >&2") == Result(
        True, f"{tree}\noops\n[exit code 0]"
    )
    assert use(box, "bash", command="exit 3") == Result(False, "[exit code 3]")


def test_bash_is_killed_with_all_that_it_started(box: Toolbox, tree: Path) -> None:
    command = "echo begun; (trap '' TERM; echo $BASHPID > child; sleep 60) & sleep 60"
    begin = time.monotonic()
    done = use(box, "bash", command=command, timeout_seconds=0.5)
    assert (done.ok, done.output) == (False, "begun\n[killed after 0.5 s]")
    assert time.monotonic() - begin < 10
    with pytest.raises(ProcessLookupError):
        os.kill(int((tree / "child").read_text()), signal.SIGCONT)


def test_bash_never_outlasts_the_turn(box: Toolbox) -> None:
    done = use(box, "bash", seconds=0.3, command="sleep 60", timeout_seconds=1000)
    assert done.output == "[killed after 0.3 s]"


def test_no_key_of_a_person_is_in_the_environment(
    box: Toolbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "planted-key")
    done = use(box, "bash", command="env; cat /proc/$$/environ")
    assert "HOME=" in done.output
    assert "planted-key" not in done.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"command": "echo \0"}, "zero byte"),
        ({"command": "true", "timeout_seconds": -1}, "over 0"),
        ({"command": 5}, "command: Input should be a valid string"),
        ({}, "command: Field required"),
        ({"command": "true", "shell": "zsh"}, "shell: Extra inputs"),
        ({"command": "x" * 300_000}, "cannot be started"),
    ],
)
def test_a_call_that_cannot_be_done_says_why(
    box: Toolbox, arguments: dict[str, Any], told: str
) -> None:
    done = box.run("bash", arguments, seconds=5.0)
    assert not done.ok
    assert told in done.output


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("bash", {"command": "echo \ud800"}),
        ("read_file", {"path": "\udfff"}),
        ("write_file", {"path": "\ud800", "content": ""}),
        ("write_file", {"path": "f", "content": "a\ud800b"}),
        ("replace_text", {"path": "f", "old": "kept", "new": "\ud800"}),
        ("report_loophole", {"text": "\ud800"}),
        ("bash", {"\ud800": "ls"}),
        ("\ud800", {}),
        ("bash", {"command": ["\ud800"]}),
        ("read_file", {"path": "a\0b"}),
        ("write_file", {"path": "a\0b", "content": ""}),
        ("replace_text", {"path": "\0", "old": "a", "new": "b"}),
        ("bash", {"command": "true\0"}),
    ],
)
def test_what_is_no_text_is_answered_and_not_raised(
    box: Toolbox, tree: Path, tool: str, arguments: dict[str, Any]
) -> None:
    (tree / "f").write_text("kept")
    done = box.run(tool, arguments, seconds=5.0)
    assert not done.ok
    assert done.output.encode()
    assert [each.name for each in tree.iterdir()] == ["f"]
    assert (tree / "f").read_text() == "kept"


def test_a_character_beyond_the_basic_plane_is_text(box: Toolbox) -> None:
    assert use(box, "bash", command="echo 🙂").output == "🙂\n[exit code 0]"


def test_an_unknown_tool_is_answered_with_those_that_there_are(box: Toolbox) -> None:
    done = use(box, "python\x1b[31m")
    assert done == Result(
        False,
        "python: no such tool; there are bash, read_file, write_file, replace_text, "
        "report_loophole",
    )


def test_long_output_loses_its_middle_and_says_how_much(box: Toolbox) -> None:
    done = use(box, "bash", command="echo first; head -c 100000 /dev/zero | tr '\\0' x; echo last")
    assert done.output.startswith("first\nxxx")
    assert done.output.endswith("xxxlast\n[exit code 0]")
    assert "\n[… 70,111 characters left out …]\n" in done.output
    assert len(done.output) < 30_100


def test_control_sequences_are_not_shown() -> None:
    assert shown("\x1b[1;31mred\x1b[0m\x1b]0;title\x07 \x00plain\u202e\n") == "red plain"


def test_a_file_is_read_whole_or_by_its_lines(box: Toolbox, tree: Path) -> None:
    (tree / "f").write_text("one\ntwo\u2028still two\nthree\n")
    assert use(box, "read_file", path="f").output.startswith("one\ntwo")
    done = use(box, "read_file", path="f", first_line=3, last_line=99)
    assert done == Result(True, "[lines 3 to 3 of 3]\nthree")
    assert use(box, "read_file", path=str(tree / "f"), last_line=1).output.endswith("\none")


@pytest.mark.parametrize(("first", "last"), [(4, 9), (0, 1), (3, 2), (-1, None)])
def test_lines_that_are_not_there_are_an_error(
    box: Toolbox, tree: Path, first: int, last: int | None
) -> None:
    (tree / "f").write_text("one\ntwo\nthree\n")
    done = use(box, "read_file", path="f", first_line=first, last_line=last)
    assert done == Result(False, "f: has lines 1 to 3")


def test_text_is_replaced_where_it_stands_once(box: Toolbox, tree: Path) -> None:
    (tree / "f").write_bytes(b"a = 1\r\nb = 1\n")
    (tree / "f").chmod(0o755)
    assert use(box, "replace_text", path="f", old="a = 1\r", new="a = 2\r").ok
    assert (tree / "f").read_bytes() == b"a = 2\r\nb = 1\n"
    assert (tree / "f").stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize(
    ("old", "told"),
    [("c", "does not stand"), ("", "does not stand"), (" = ", "more than once"), ("aa", "more")],
)
def test_text_that_does_not_stand_exactly_once_is_not_replaced(
    box: Toolbox, tree: Path, old: str, told: str
) -> None:
    (tree / "f").write_text("aaa = 1\nb = 1\n")
    done = use(box, "replace_text", path="f", old=old, new="x")
    assert (done.ok, told in done.output) == (False, True)
    assert (tree / "f").read_text() == "aaa = 1\nb = 1\n"


def test_a_written_file_takes_the_place_of_a_longer_one(box: Toolbox, tree: Path) -> None:
    (tree / "f").write_text("a long text")
    assert use(box, "write_file", path="f", content="é") == Result(True, "1 characters written")
    assert use(box, "write_file", path="new/deep/g", content="").ok
    assert ((tree / "f").read_text(), (tree / "new/deep/g").read_text()) == ("é", "")


def test_a_loophole_is_recorded(box: Toolbox, tmp_path: Path) -> None:
    assert use(box, "report_loophole", text="limit\nmoves").ok
    assert use(box, "report_loophole", text="another").ok
    lines = (tmp_path / "memory/loopholes.jsonl").read_text().splitlines()
    assert [json.loads(line)["text"] for line in lines] == ["limit\nmoves", "another"]


def test_every_key_of_every_tool_is_required_and_described() -> None:
    assert TOOLS[0].name == "bash"
    for tool in TOOLS:
        properties = tool.schema["properties"]
        assert isinstance(properties, dict)
        assert tool.schema["required"] == list(properties)
        assert tool.schema["additionalProperties"] is False
        for each in properties.values():
            assert isinstance(each, dict)
            assert each["description"]
            assert not {"default", "title"} & set(each)
