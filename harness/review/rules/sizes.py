"""How much there is to read, before anything is parsed: nothing may unfold into far more."""

import re
from collections.abc import Iterator

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    Event,
    NodeEvent,
)

from harness.review.finding import Finding, Severity
from harness.review.rules.paths import shown
from harness.review.rules.texts import ESCAPED, LARGEST, line_at, texts
from harness.review.submission import Submission

_MOST_YAML = 1_000_000
"""A spec is written by hand; the parser takes a second for each 200 kB."""
_MOST_FOLDER = 50_000_000
_MOST_FILES = 500
_MOST_NODES = 100_000
_DEEPEST = 100
_LONGEST_NUMBER = 400
"""Digits; the largest double has 309, and the parsers refuse some thousands by crashing."""
_BRACKETS = re.compile(r'"(?:\\.|[^"\\\n])*"?|[\[{]|[\]}]')
_NUMBER = re.compile(rf"(?<![\d_])\d(?:_?\d){{{_LONGEST_NUMBER},}}")

UNREADABLE = frozenset({"file-size", "unfolds", "deep", "long-number"})
"""Rules whose findings mean that a parser may not be given the file."""


def sizes(submission: Submission) -> Iterator[Finding]:
    """Files over 5 MB, a folder over 50 MB or of over 500 files, and empty files."""
    for relative, blob in submission.files.items():
        size = len(blob.content)
        if size > LARGEST:
            message = f"{size / 1e6:.1f} MB; a file may have {LARGEST / 1e6:.0f}"
            yield _finding("file-size", submission.path(relative), message)
        if size == 0 and blob.kind == "file" and relative != ".lock":
            yield _finding("empty", submission.path(relative), "nothing in it", severity="warning")
    total = sum(len(blob.content) for blob in submission.files.values())
    if total > _MOST_FOLDER:
        message = f"{total / 1e6:.0f} MB; more than {_MOST_FOLDER / 1e6:.0f} is slow to fetch"
        yield _finding("folder-size", submission.name, message, severity="warning")
    if len(submission.files) > _MOST_FILES:
        message = f"{len(submission.files):,} files; a folder may have {_MOST_FILES}"
        yield _finding("files", submission.name, message)


def unfolding(submission: Submission) -> Iterator[Finding]:
    """YAML whose aliases unfold, nesting that exhausts a parser, numbers that no parser takes."""
    for path, suffix, text in texts(submission, ESCAPED):
        line = _too_deep(text)
        if line is not None:
            yield _finding("deep", path, f"nested more than {_DEEPEST} deep", line=line)
        number = _NUMBER.search(text)
        if number is not None:
            message = f"a number of more than {_LONGEST_NUMBER} digits"
            yield _finding("long-number", path, message, line=line_at(text, number.start()))
        if suffix in (".yaml", ".yml") and line is None:
            yield from _yaml(path, text)


def _too_deep(text: str) -> int | None:
    """Line where brackets are nested too deep, those in strings left out."""
    depth = 0
    for match in _BRACKETS.finditer(text):
        if match[0] in "[{":
            depth += 1
        elif match[0] in "]}":
            depth = max(depth - 1, 0)
        if depth > _DEEPEST:
            return line_at(text, match.start())
    return None


def _yaml(path: str, text: str) -> Iterator[Finding]:
    """By the parser's events alone: no node is composed and no object made."""
    if len(text) > _MOST_YAML:
        message = f"{len(text) / 1e6:.1f} MB of YAML; a spec may have {_MOST_YAML / 1e6:.0f}"
        yield _finding("file-size", path, message)
        return
    weighed = _Weighed()
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            weighed.add(event)
            fault = weighed.fault
            if fault is not None:
                yield _finding(fault[0], path, fault[1], line=_line(event))
                return
            tag = str(getattr(event, "tag", None) or "!")
            if tag != "!":
                message = f"a tag, {shown(tag)[:60]}; specs are plain values"
                yield _finding("yaml-tag", path, message, line=_line(event))
    except (YAMLError, ValueError):
        return  # What cannot be parsed is found where it is read.


class _Weighed:
    """Nodes that were seen so far, each alias counted as all that it stands for."""

    def __init__(self) -> None:
        self.nodes = 0
        self._anchored: dict[str, int] = {}
        self._open: list[tuple[str | None, int]] = []

    def add(self, event: Event) -> None:
        """Count one event of the parser."""
        if isinstance(event, CollectionEndEvent):
            anchor, before = self._open.pop()
            self._remember(anchor, self.nodes - before)
        elif isinstance(event, AliasEvent):
            self.nodes += self._anchored.get(str(event.anchor), 1)
        elif isinstance(event, NodeEvent):
            anchor = str(event.anchor) if event.anchor else None
            self.nodes += 1
            if isinstance(event, CollectionStartEvent):
                self._open.append((anchor, self.nodes - 1))
            else:
                self._remember(anchor, 1)

    def _remember(self, anchor: str | None, nodes: int) -> None:
        if anchor is not None:
            self._anchored[anchor] = nodes

    @property
    def fault(self) -> tuple[str, str] | None:
        """Rule and words for what is too much."""
        if self.nodes > _MOST_NODES:
            return "unfolds", f"aliases unfold into more than {_MOST_NODES:,} nodes"
        if len(self._open) > _DEEPEST:
            return "deep", f"nested more than {_DEEPEST} deep"
        return None


def _line(event: Event) -> int | None:
    mark = event.start_mark
    return None if mark is None else int(mark.line) + 1


def _finding(
    rule: str, path: str, message: str, *, line: int | None = None, severity: Severity = "blocker"
) -> Finding:
    return Finding(
        rule=rule, axis="safety", severity=severity, path=shown(path), line=line, message=message
    )
