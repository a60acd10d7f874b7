"""The committed replication of actadd with some of its files altered, read as a review reads it."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.review.finding import Finding
from harness.review.opened import Opened, open_submission
from harness.review.submission import Blob, Submission
from tests.review.planted import NAME, honest

ROWS = "measurements/topics.e2267535.jsonl"
SPEC, MANIFEST, VERDICTS = "replication.yaml", "manifest.json", "verdicts.json"
Change = Callable[[str], str | None]
"""A file's text to another; `None` takes it away."""


def altered(changes: Mapping[str, Change]) -> Submission:
    """A change must alter what it is given."""
    given = replace(honest(NAME), paper_is_new=False)
    files = dict(given.files)
    for name, change in changes.items():
        before = files.pop(name).content.decode()
        after = change(before)
        assert after != before, name
        if after is not None:
            files[name] = Blob("file", after.encode())
    return replace(given, files=files)


def opened(project: Path, changes: Mapping[str, Change]) -> Opened:
    """The altered submission, which must be readable."""
    found = open_submission(altered(changes), project)
    assert isinstance(found, Opened), found
    return found


def told(
    rule: Callable[[Opened], Iterator[Finding]],
    project: Path,
    changes: Mapping[str, Change],
) -> list[tuple[str, str, str]]:
    """Rule, severity and `file:line` of what a rule finds."""
    found = rule(opened(project, changes))
    return [(each.rule, each.severity, each.place.removeprefix(f"{NAME}/")) for each in found]


def swap(old: str, new: str) -> Change:
    """The first occurrence of a text becomes another."""
    return lambda text: text.replace(old, new, 1)


def gone(_: str) -> None:
    """The file is taken away."""


def lines(keep: Callable[[dict[str, Any]], bool]) -> Change:
    """Rows that are kept."""
    return lambda text: "".join(f"{line}\n" for line in text.splitlines() if keep(json.loads(line)))


def with_json(change: Callable[[Any], None]) -> Change:
    """A JSON document is changed in place."""

    def changed(text: str) -> str:
        document = json.loads(text)
        change(document)
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"

    return changed
