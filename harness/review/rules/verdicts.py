"""Whether `verdicts.json` says what the rows give under main's limits."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from harness.review.finding import Finding
from harness.review.rules.paths import shown
from harness.review.rules.texts import line_at
from harness.verdict import Verdict

if TYPE_CHECKING:
    from harness.review.opened import Opened

_FILE = "verdicts.json"


def verdicts(opened: "Opened") -> Iterator[Finding]:
    """Each claim judged again; a stored verdict that says anything else is a blocker."""
    stored = opened.replication.stored_verdicts()
    if stored is None:
        yield _finding(opened, "verdicts-missing", "no verdicts here: run `harness judge`")
        return
    if stored.paper_digest != opened.replication.paper.digest:
        message = f"judged by paper spec {shown(stored.paper_digest[:8])}, which is not main's"
        yield _finding(opened, "paper-digest", message, at="paper_digest")
    theirs = {verdict.claim: verdict for verdict in stored.verdicts}
    if len(theirs) < len(stored.verdicts):
        yield _finding(opened, "verdict-differs", "a claim is judged twice")
    for verdict in opened.verdicts:
        given = theirs.pop(verdict.claim, None)
        if given is None:
            message = f"claim {verdict.claim} is left out; it is {verdict.outcome}"
            yield _finding(opened, "verdict-differs", message)
        elif not verdict.agrees(given):
            message = f"claim {verdict.claim}: {_difference(given, verdict)}"
            yield _finding(opened, "verdict-differs", message, at=verdict.claim)
    for claim in theirs:
        yield _finding(opened, "verdict-differs", f"no claim of the paper is {claim!r}", at=claim)


def _difference(given: Verdict, verdict: Verdict) -> str:
    if given.outcome != verdict.outcome:
        return f"says {given.outcome}, the rows give {verdict.outcome} ({shown(verdict.reason)})"
    if given.reason != verdict.reason:
        return f"says “{shown(given.reason)}”, the rows give “{shown(verdict.reason)}”"
    return "holds estimates that the rows do not give"


def _finding(opened: "Opened", rule: str, message: str, *, at: str | None = None) -> Finding:
    blob = opened.submission.files.get(_FILE)
    text = blob.content.decode("utf-8", "replace") if blob else ""
    key = None if at is None else re.search(rf'"{re.escape(at)}"', text)
    return Finding(
        rule=rule,
        axis="judgement",
        severity="blocker",
        path=opened.submission.path(_FILE),
        line=None if key is None else line_at(text, key.start()),
        message=message,
    )
