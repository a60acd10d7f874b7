"""Claims against replications: a paper's claims are rows, its replications columns."""

from collections.abc import Sequence

from harness.explorer.feed import ClaimOutcome, FeedClaim, FeedPaper, FeedReplication, Number
from harness.explorer.markup import Content, Markup, element, join
from harness.explorer.tally import mark
from harness.report.marks import LOOKS
from harness.report.wording import DASH, counted, joined, shortened, words

_MOST = 6
"""Numbers that a cell tells; the report has all of them."""
_SCOPES = {
    "general": "Patterns that any such model should show",
    "exact": "Numbers of the paper's own model",
}


def matrix(paper: FeedPaper, replications: Sequence[FeedReplication]) -> Markup:
    """The table in a region of its own that scrolls, every cell with what opens from it."""
    bodies = [
        _body(paper, replications, scope)
        for scope in _SCOPES
        if any(claim.scope == scope for claim in paper.claims)
    ]
    table = element("table", element("caption", "Claims and outcomes"), _head(replications), bodies)
    return element(
        "div", table, class_="matrix", role="region", tabindex=0, aria_label="Claims and outcomes"
    )


def _head(replications: Sequence[FeedReplication]) -> Markup:
    columns = [
        element("th", element("a", each.title, href=f"#{each.anchor}"), scope="col")
        for each in replications
    ]
    claim = element("th", "What the paper says", scope="col")
    return element("thead", element("tr", claim, columns))


def _body(paper: FeedPaper, replications: Sequence[FeedReplication], scope: str) -> Markup:
    title = element(
        "tr",
        element("th", element("span", _SCOPES[scope]), colspan=1 + len(replications)),
        class_="scope",
    )
    rows = [
        element(
            "tr",
            _claim(claim),
            [
                _cell(claim, each.claims[place], each, f"{place}-{column}")
                for column, each in enumerate(replications)
            ],
            id=f"claim-{claim.id}",
        )
        for place, claim in enumerate(paper.claims)
        if claim.scope == scope
    ]
    return element("tbody", title, rows)


def _claim(claim: FeedClaim) -> Markup:
    """Their words first, where they stand, then what is asked of a replication."""
    quoted = element("q", claim.quote, dir="auto")
    source = element("span", quoted, " ", _section(claim), class_="source")
    asks = element("span", "Asked here: ", claim.demands, _printed(claim), class_="asks")
    return element("th", element("b", claim.statement, dir="auto"), source, asks, scope="row")


def _section(claim: FeedClaim) -> Content:
    origin = {
        "read": "",
        "artifact": ", from the authors' files",
        "recomputed": ", recomputed",
        "secondary": ", as quoted by others",
    }[claim.status]
    return element("cite", f"{claim.section}{origin}")


def _printed(claim: FeedClaim) -> str:
    return f"; the paper has {_theirs(claim)}" if claim.printed else ""


def _cell(claim: FeedClaim, of: ClaimOutcome, within: FeedReplication, place: str) -> Markup:
    """A button that opens the whole of it; that needs no script."""
    assert of.claim == claim.id, (of.claim, claim.id)
    word, target = LOOKS[of.outcome].word, f"cell-{place}"
    button = element(
        "button",
        element("span", mark(of.outcome), f" {word}", class_="word"),
        element("span", f" {of.here}", class_="here") if of.here else "",
        type="button",
        popovertarget=target,
        title=f"{word}: {of.here or shortened(of.reason, 160)} · paper: {_theirs(claim)}",
    )
    return element("td", button, _opened(claim, of, within, target), class_=of.outcome)


def _theirs(claim: FeedClaim) -> str:
    return joined(each.text for each in claim.printed) if claim.printed else claim.demands


def _opened(claim: FeedClaim, of: ClaimOutcome, within: FeedReplication, target: str) -> Markup:
    close = element(
        "button",
        "✕",
        type="button",
        popovertarget=target,
        popovertargetaction="hide",
        aria_label="Close",
        class_="close",
    )
    link = f"../{within.folder}/report.html#claim-{claim.id}"
    return element(
        "div",
        close,
        element("p", mark(of.outcome), f" {_verdict(of, within)}", class_=f"verdict {of.outcome}"),
        element("p", claim.statement, dir="auto"),
        element("dl", _facts(claim, of)),
        element("p", element("a", "Evidence in the report", href=link)),
        id=target,
        popover=True,
        role="dialog",
        aria_label=f"{claim.id} on {within.title}",
    )


def _verdict(of: ClaimOutcome, within: FeedReplication) -> str:
    """Always with the model and the amount of data: a verdict is about nothing wider."""
    where = [within.title]
    if of.numbers:
        least = min(of.numbers, key=lambda number: number.n)
        where.append(f"n = {least.n:,}, {counted(least.seeds, 'seed')}")
    word = LOOKS[of.outcome].word
    return f"{word[:1].upper()}{word[1:]} here: {', '.join(where)}"


def _facts(claim: FeedClaim, of: ClaimOutcome) -> Content:
    facts: list[tuple[str, Content]] = [
        ("Here", _numbers(of.numbers) if of.numbers else DASH),
        ("Paper", [element("q", claim.quote), " ", _section(claim)]),
        ("Asked", join([claim.demands, f" ({claim.grounds})" if claim.grounds else ""])),
    ]
    if claim.printed:
        facts.insert(1, ("Printed", joined(f"{e.text} ({e.table})" for e in claim.printed)))
    if of.controls:
        facts.append(("Controls", _numbers(of.controls)))
    facts.append(("Why", of.reason))
    return [[element("dt", name), element("dd", value, dir="auto")] for name, value in facts]


def _numbers(numbers: Sequence[Number]) -> Content:
    lines = [
        element("span", element("b", each.text), f" {words(each.name)}" if each.name else "")
        for each in numbers[:_MOST]
    ]
    left = len(numbers) - _MOST
    return [lines, element("span", f"and {left} more in the report") if left > 0 else ""]
