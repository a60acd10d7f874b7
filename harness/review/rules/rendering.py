"""Whether the report is what the rows give: drawn again and compared, file by file.

Rendering is a pure function of specs, rows, manifest and artifacts, so that any other byte was
written by hand; figures may differ as much as two machines draw one figure.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from harness.review.finding import Axis, Finding, Severity
from harness.review.rules.lines import odd_lines
from harness.review.rules.paths import shown
from harness.review.rules.pictures import Likeness, likeness

if TYPE_CHECKING:
    from harness.review.opened import Opened

_EXECUTABLE = frozenset({"replication.ipynb", "reproduce.sh"})
"""What a reader is told to run."""
_OWN = frozenset({"replication.yaml", "manifest.json", "verdicts.json", "experiment.py", ".lock"})
"""Files that are not drawn, or have a rule of their own."""
_PICTURES = (".png", ".svg")
_INTEGRITY: Axis = "integrity"
_SAFETY: Axis = "safety"


def rendering(opened: "Opened") -> Iterator[Finding]:
    """Every file of the report against what it is drawn to be, and files that nothing writes."""
    from harness.report.material import Material
    from harness.report.write import explorer_file, report_files

    material = Material.of(opened.replication)
    drawn = report_files(material)
    given = {name: blob.content for name, blob in opened.submission.files.items()}
    alike: dict[str, Likeness] = {
        name: likeness(name, given[name], drawn[name])
        for name in sorted(set(given) & set(drawn))
        if name.endswith(_PICTURES)
    }
    yield from _pictures(opened, alike)
    redrawn = [name for name, kind in alike.items() if kind == "alike"]
    expected = _as_given(given, drawn, redrawn)
    stated = {name: content for name, content in expected.items() if name in given}
    expected["explorer.json"] = explorer_file(material, {**stated, **_rows(opened, given)})
    for name in sorted(set(expected) - set(given)):
        yield _finding(opened, "report-missing", name, "not here: run `harness report`", "warning")
    for name in sorted(set(expected) & set(given)):
        if not name.endswith(_PICTURES):
            yield from _text(opened, name, given[name], expected[name])
    yield from _unknown(opened, frozenset(expected))


def _pictures(opened: "Opened", alike: Mapping[str, Likeness]) -> Iterator[Finding]:
    for name, kind in alike.items():
        match kind:
            case "same":
                pass
            case "alike":
                message = "drawn by another machine or matplotlib; alike in all that is seen"
                yield _finding(opened, "figure-redrawn", name, message, "note")
            case "other":
                message = "not the figure that these rows give"
                yield _finding(opened, "figure-differs", name, message)


def _as_given(
    given: Mapping[str, bytes], drawn: Mapping[str, bytes], redrawn: Iterable[str]
) -> dict[str, bytes]:
    """What was drawn, but with these pictures as they were given, in the page too."""
    page = drawn["report.html"]
    for name in redrawn:
        page = page.replace(b64encode(drawn[name]), b64encode(given[name]))
    return {**drawn, **{name: given[name] for name in redrawn}, "report.html": page}


def _rows(opened: "Opened", given: Mapping[str, bytes]) -> dict[str, bytes]:
    """Rows as they stand, which the explorer's entry names by their hashes."""
    return {
        name: content
        for name, content in given.items()
        if PurePosixPath(name).match("measurements/*.jsonl")
        and (opened.replication.root / name).is_file()
    }


def _text(opened: "Opened", name: str, given: bytes, expected: bytes) -> Iterator[Finding]:
    runs = name in _EXECUTABLE
    rule, axis = ("executable-differs", _SAFETY) if runs else ("report-differs", _INTEGRITY)
    for odd in odd_lines(_without_pictures(given), _without_pictures(expected)):
        yield _finding(opened, rule, name, odd.message, line=odd.line, axis=axis)
    if given != expected and _without_pictures(given) == _without_pictures(expected):
        yield _finding(opened, rule, name, "a picture in it is not the one that these rows give")


def _without_pictures(page: bytes) -> bytes:
    """Long runs of base64 say nothing in a message."""
    return re.sub(rb"base64,[A-Za-z0-9+/=]+", b"base64,", page)


def _unknown(opened: "Opened", expected: frozenset[str]) -> Iterator[Finding]:
    """Files that neither a run nor a report writes; stale rows are told by another rule."""
    prefixes = tuple(
        f"artifacts/{opened.replication.artifacts(spec).name}."
        for spec in opened.replication.spec.experiments
    )
    for name in sorted(set(opened.submission.files) - expected - _OWN):
        if not name.startswith(("measurements/", *prefixes)):
            message = "neither a run nor a report writes this file"
            yield _finding(opened, "unknown-file", shown(name), message)


def _finding(
    opened: "Opened",
    rule: str,
    relative: str,
    message: str,
    severity: Severity = "blocker",
    *,
    line: int | None = None,
    axis: Axis = _INTEGRITY,
) -> Finding:
    path = opened.submission.path(relative)
    return Finding(rule=rule, axis=axis, severity=severity, path=path, line=line, message=message)
