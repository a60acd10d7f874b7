import json
import re
from pathlib import Path
from typing import Any

import pytest
import typer

from harness.record import HarnessError, parse_yaml
from harness.skills import SKILLS, write_agent_files
from harness.skills.writing import FOLDERS

CHECKOUT = Path(__file__).parents[1]
TEXTS = CHECKOUT / "harness/skills/texts"
TOLD = [*sorted(TEXTS.glob("*.md")), CHECKOUT / "AGENTS.md"]
INLINE = re.compile(r"(?<!`)`(harness [^`]+)`(?!`)")
FENCED = re.compile(r"^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def states(folder: Path, *, force: bool = False) -> dict[str, str]:
    return {each.path: each.state for each in write_agent_files(folder, force=force)}


def test_both_agents_find_every_skill_and_a_second_time_nothing_changes(tmp_path: Path) -> None:
    first = states(tmp_path)
    assert set(first) == {
        *(f"{place}/{name}/SKILL.md" for place in FOLDERS for name in SKILLS),
        "AGENTS.md",
        "CLAUDE.md",
    }
    assert set(first.values()) == {"written"}
    assert (tmp_path / "CLAUDE.md").read_text() == "@AGENTS.md\n"
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.md")}
    assert set(states(tmp_path).values()) == {"unchanged"}
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.md")} == before


@pytest.mark.parametrize("name", SKILLS)
def test_a_skill_is_short_and_says_what_it_is_for_where_agents_look(
    tmp_path: Path, name: str
) -> None:
    write_agent_files(tmp_path)
    for place in FOLDERS:
        text = (tmp_path / place / name / "SKILL.md").read_text()
        empty, front, body = text.split("---\n", 2)
        facts = parse_yaml(front, tmp_path)
        assert (empty, facts["name"], set(facts)) == ("", name, {"name", "description"})
        assert 40 < len(facts["description"]) < 1024
        assert len(text.splitlines()) <= 80
        assert body.startswith("# ")


def test_an_edited_skill_is_left_alone_until_it_is_forced(tmp_path: Path) -> None:
    write_agent_files(tmp_path)
    path = ".claude/skills/mend-check/SKILL.md"
    file = tmp_path / path
    ours = file.read_text()
    file.write_text(ours.replace("Mend all", "Mend some"))
    edited = file.read_bytes()
    told = {each.path: each for each in write_agent_files(tmp_path)}
    assert told[path].state == "left alone"
    assert "--force" in (told[path].note or "")
    assert file.read_bytes() == edited
    assert list(states(tmp_path).values()).count("unchanged") == 9
    assert states(tmp_path, force=True)[path] == "renewed"
    assert file.read_text() == ours


def test_an_older_text_that_nobody_edited_is_renewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = tmp_path / "older"
    older.mkdir()
    for text in TEXTS.glob("*.md"):
        (older / text.name).write_text(text.read_text() + "An older line.\n")
    folder = tmp_path / "folder"
    folder.mkdir()
    with monkeypatch.context() as patched:
        patched.setattr("harness.skills.writing._TEXTS", older)
        write_agent_files(folder)
    file = folder / ".agents/skills/mend-check/SKILL.md"
    assert "An older line." in file.read_text()
    renewed = states(folder)
    assert renewed[".agents/skills/mend-check/SKILL.md"] == "renewed"
    assert renewed["AGENTS.md"] == "unchanged"
    assert "An older line." not in file.read_text()


@pytest.mark.parametrize(
    "content", [b"mine\n", b"\xff\xfe", b"<!-- written by harness init-agent: sha256 0 -->\n"]
)
def test_a_file_of_somebody_elses_counts_as_edited(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / ".claude/skills/mend-check/SKILL.md"
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    assert states(tmp_path)[".claude/skills/mend-check/SKILL.md"] == "left alone"
    assert file.read_bytes() == content


def test_what_a_folder_says_to_agents_already_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "AGENTS.md").write_text("ours\n")
    (tmp_path / "CLAUDE.md").write_text("ours too\n")
    told = {each.path: each for each in write_agent_files(tmp_path, force=True)}
    assert told["AGENTS.md"].state == "unchanged"
    assert told["CLAUDE.md"].state == "left alone"
    assert "add a line @AGENTS.md" in (told["CLAUDE.md"].note or "")
    assert (tmp_path / "AGENTS.md").read_text() == "ours\n"
    assert (tmp_path / "CLAUDE.md").read_text() == "ours too\n"
    (tmp_path / "CLAUDE.md").write_text("ours too\n@AGENTS.md\n")
    assert states(tmp_path)["CLAUDE.md"] == "unchanged"


def test_a_link_out_of_the_folder_is_refused_and_one_within_it_is_followed(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    outside.mkdir()
    folder.mkdir()
    (folder / ".claude").symlink_to(outside)
    with pytest.raises(HarnessError, match="leads out of"):
        write_agent_files(folder)
    assert list(outside.iterdir()) == []
    assert [path.name for path in folder.iterdir()] == [".claude"]
    (folder / ".claude").unlink()
    (folder / ".agents").mkdir()
    (folder / ".claude").symlink_to(".agents")
    assert states(folder)[".agents/skills/mend-check/SKILL.md"] == "unchanged"


def test_the_command_tells_a_program_and_a_person_what_became_of_each_file(
    project: Any, cli: Any
) -> None:
    told = json.loads(cli("init-agent", "--json").out)["files"]
    assert {each["state"] for each in told} == {"written"}
    assert (project.root / ".claude/skills/replicate-paper/SKILL.md").is_file()
    shown = cli("init-agent", ".").out
    assert "unchanged: .agents/skills/mend-check/SKILL.md\n" in shown
    gone = cli("init-agent", "nowhere")
    assert (gone.code, "no folder of that name" in gone.err) == (2, True)


def test_agents_md_is_short_enough_to_be_read() -> None:
    assert len((CHECKOUT / "AGENTS.md").read_text().splitlines()) <= 150


@pytest.mark.parametrize("file", TOLD, ids=lambda file: file.name)
def test_commands_and_options_that_agents_are_told_of_exist(file: Path) -> None:
    known = commands()
    assert told_in(file.read_text())
    for line in told_in(file.read_text()):
        words = line.partition("#")[0].split()
        name = next((n for n in (" ".join(words[:2]), words[0]) if n in known), None)
        if line == "--help":
            continue
        assert name is not None, f"harness {line}"
        options = {opt for one in known[name].params for opt in one.opts}
        given = {word for word in words if word.startswith("--")}
        assert given <= options, f"harness {line}: {sorted(given - options)}"


def told_in(text: str) -> list[str]:
    """What follows `harness` in code, inline or fenced."""
    fenced = [line for block in FENCED.findall(text) for line in block.splitlines()]
    inline = INLINE.findall(FENCED.sub("", text))
    lines = [" ".join(line.split()) for line in (*fenced, *inline)]
    starts = (line.partition("harness ") for line in lines)
    return [
        rest.partition("#")[0].strip() for before, _, rest in starts if before in ("", ".venv/bin/")
    ]


def test_commands_in_code_are_found_and_those_in_prose_are_not() -> None:
    fenced = "```\nharness run F  # goes on\nmake x\n```\n"
    text = f"The harness runs. `harness new A\n  --json` and\n{fenced}"
    assert told_in(text) == ["run F", "new A --json"]


def commands() -> dict[str, Any]:
    """Every command by its words, groups' too, and those of other packages."""
    from harness.cli.app import whole_app

    own: dict[str, Any] = dict(typer.main.get_command(whole_app()).commands)
    found: dict[str, Any] = {}
    for name, command in own.items():
        within = getattr(command, "commands", None) or {}
        found |= {f"{name} {each}": one for each, one in within.items()} or {name: command}
    return found
