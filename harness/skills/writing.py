"""Write the skills into a folder, and leave alone what somebody has edited there.

Each file ends with a line that holds the digest of the text above it, so that one that nobody
touched is told from an edited one whichever version wrote it.
"""

import hashlib
import re
from pathlib import Path
from typing import Literal

from harness.record import HarnessError, Record, write_bytes

SKILLS = ("replicate-paper", "write-paper-spec", "mend-check", "review-replication")
FOLDERS = (".claude/skills", ".agents/skills")
"""Where Claude Code and Codex look."""
IMPORT_LINE = "@AGENTS.md"
"""By which Claude Code reads AGENTS.md, as Codex does of itself."""
_TEXTS = Path(__file__).with_name("texts")
_DIGEST = re.compile(rb"<!-- written by harness init-agent: sha256 ([0-9a-f]{64}) -->\n?")

State = Literal["written", "unchanged", "renewed", "left alone"]


class AgentFile(Record):
    """What became of one file."""

    path: str
    """From the folder."""
    state: State
    """`renewed`: an older text that nobody had edited, or any text where that was forced."""
    note: str | None = None
    """What a person may want to do about it."""


def write_agent_files(folder: Path, *, force: bool = False) -> list[AgentFile]:
    """Write all skills, and AGENTS.md and CLAUDE.md where there are none.

    `force` replaces edited skills; AGENTS.md and CLAUDE.md it never touches. Raises `HarnessError`
    where the folder is not there, or where a path leads out of it or to something else than a file.
    """
    if not folder.is_dir():
        raise HarnessError(f"{folder}: no folder of that name")
    skills = {f"{place}/{name}/SKILL.md": signed(name) for place in FOLDERS for name in SKILLS}
    for path in (*skills, "AGENTS.md", "CLAUDE.md"):
        _require_own(folder, path)
    done = [_skill(folder, path, text, force) for path, text in skills.items()]
    return [*done, _agents_file(folder), _claude_file(folder)]


def signed(name: str) -> bytes:
    """A skill's text with the line that tells whether it was edited."""
    text = (_TEXTS / f"{name}.md").read_bytes()
    digest = hashlib.sha256(text).hexdigest()
    return text + f"<!-- written by harness init-agent: sha256 {digest} -->\n".encode()


def _skill(folder: Path, path: str, text: bytes, force: bool) -> AgentFile:
    file = folder / path
    there = file.read_bytes() if file.exists() else None
    if there == text:
        return AgentFile(path=path, state="unchanged")
    if there is not None and not force and _is_edited(there):
        return AgentFile(path=path, state="left alone", note="edited here; --force replaces it")
    write_bytes(file, text)
    return AgentFile(path=path, state="written" if there is None else "renewed")


def _is_edited(there: bytes) -> bool:
    found = list(_DIGEST.finditer(there))
    if not found or found[-1].end() != len(there):
        return True
    above = there[: found[-1].start()]
    return hashlib.sha256(above).hexdigest().encode() != found[-1][1]


def _agents_file(folder: Path) -> AgentFile:
    if (folder / "AGENTS.md").exists():
        return AgentFile(path="AGENTS.md", state="unchanged")
    write_bytes(folder / "AGENTS.md", (_TEXTS / "AGENTS.md").read_bytes())
    return AgentFile(path="AGENTS.md", state="written")


def _claude_file(folder: Path) -> AgentFile:
    file = folder / "CLAUDE.md"
    if not file.exists():
        write_bytes(file, f"{IMPORT_LINE}\n".encode())
        return AgentFile(path="CLAUDE.md", state="written")
    if IMPORT_LINE.encode() in file.read_bytes():
        return AgentFile(path="CLAUDE.md", state="unchanged")
    note = f"does not read AGENTS.md; add a line {IMPORT_LINE}"
    return AgentFile(path="CLAUDE.md", state="left alone", note=note)


def _require_own(folder: Path, path: str) -> None:
    """Refuse links that lead elsewhere, and folders where a file belongs."""
    file = folder / path
    if not file.resolve().is_relative_to(folder.resolve()):
        raise HarnessError(f"{file}: a link leads out of {folder}; nothing is written there")
    if file.exists() and not file.is_file():
        raise HarnessError(f"{file}: is not a file")
