"""One replication on its paper's page: outcome, files, how the numbers came about, deviations."""

from collections.abc import Iterator
from urllib.parse import quote

from harness.explorer.feed import Execution, Feed, FeedReplication
from harness.explorer.frame import web_link
from harness.explorer.markup import Content, Markup, element
from harness.explorer.tally import bar, tally
from harness.report.wording import counted, joined, words

_FILES = {
    "report.html": "Report",
    "report.md": "Report as Markdown",
    "replication.yaml": "Specification",
    "replication.ipynb": "Notebook",
    "reproduce.sh": "Script that does it again",
    "manifest.json": "Manifest",
    "verdicts.json": "Verdicts",
}
_FOLDERS = {
    "measurements": "Measurements",
    "tables": "Tables",
    "figures": "Figures",
    "artifacts": "Arrays and graphs",
}


def replication_part(feed: Feed, of: FeedReplication, *, up: str) -> Markup:
    """The section that `#replication-<id>` leads to; `up` leads to the site's root."""
    return element(
        "article",
        element("h3", of.title),
        _picture(of, up),
        element("div", bar(of.counts), tally(of.counts), element("p", of.summary)),
        element("ul", _links(feed, of, up), class_="files"),
        element("dl", _facts(of), class_="facts"),
        _deviations(of),
        _untested(of),
        _failures(of),
        id=of.anchor,
        class_="replication",
    )


def _picture(of: FeedReplication, up: str) -> Content:
    if not of.thumbnail:
        return ""
    picture = element(
        "img",
        src=f"{up}{of.folder}/{of.thumbnail}",
        alt=f"Intervals of the judged claims on {of.title}; opens the report",
        width=240,
        height=180,
        loading="lazy",
    )
    return element("a", picture, href=f"{up}{of.folder}/report.html", class_="picture")


def _links(feed: Feed, of: FeedReplication, up: str) -> Iterator[Markup]:
    for name, text in _FILES.items():
        if name in of.files:
            yield element("li", element("a", text, href=f"{up}{of.folder}/{name}"))
    if feed.repository:
        repository = str(feed.repository).rstrip("/")
        yield element("li", web_link("In the repository", f"{repository}/tree/HEAD/{of.folder}"))
        yield element("li", web_link("Pull request", f"{repository}/pulls?q={_pull_request(of)}"))
    for folder, text in _FOLDERS.items():
        names = [name for name in of.files if name.startswith(f"{folder}/")]
        if names:
            yield element("li", _folded(of, text, names, up))


def _pull_request(of: FeedReplication) -> str:
    """What finds it: the branch that `harness publish` makes."""
    return quote(f"is:pr head:{of.folder.replace('replications/', 'replication/', 1)}", safe="")


def _folded(of: FeedReplication, text: str, names: list[str], up: str) -> Markup:
    items = [
        element("li", element("a", name.split("/", 1)[1], href=f"{up}{of.folder}/{quote(name)}"))
        for name in names
    ]
    return element("details", element("summary", f"{text} ({len(names)})"), element("ul", items))


def _facts(of: FeedReplication) -> Content:
    facts: list[tuple[str, Content]] = [
        *([("Measured by", joined(of.authors))] if of.authors else ()),
        ("Method", joined(map(words, of.families))),
        ("Seeds", joined(map(str, of.seeds))),
        *_origins(of),
        *(_execution(of.execution) if of.execution and not of.origins else ()),
    ]
    return [element("div", element("dt", name), element("dd", value)) for name, value in facts]


def _origins(of: FeedReplication) -> Iterator[tuple[str, Content]]:
    """Whose numbers were read has not run here, so no machine of ours stands beside them."""
    for each in of.origins:
        address = str(each.repository)
        yield "Numbers read from", [web_link(address, address), " at ", _commit(each.commit)]


def _commit(commit: str) -> Markup:
    return element("code", commit[:12])


def _execution(of: Execution) -> Iterator[tuple[str, Content]]:
    for each in of.weights:
        kind = f" ({each.quantization})" if each.quantization else ""
        yield f"Weights of {each.name}{kind}", element("code", f"sha256 {each.sha256[:16]}…")
    if of.commit:
        changed = " with changes" if of.dirty else ""
        yield "Commit", [_commit(of.commit), changed]
    if of.finished_utc:
        yield "Measured", of.finished_utc[:10]
    if of.devices:
        yield "Device", joined(of.devices)
    yield "Time", _duration(of.seconds)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _deviations(of: FeedReplication) -> Content:
    if not of.deviations:
        return element("p", "No deviation from the paper's set-up is declared.")
    rows = [
        element(
            "li",
            element("b", words(each.what)),
            f": {each.paper} → {each.here}. ",
            element("span", each.why),
            dir="auto",
        )
        for each in of.deviations
    ]
    summary = f"{counted(len(of.deviations), 'deviation')} from the paper"
    return element("details", element("summary", summary), element("ul", rows))


def _untested(of: FeedReplication) -> Content:
    if not of.untested:
        return ""
    rows = [
        element("li", element("code", claim), f": {reason}")
        for claim, reason in of.untested.items()
    ]
    summary = f"{counted(len(of.untested), 'claim')} left out, with the reason"
    return element("details", element("summary", summary), element("ul", rows))


def _failures(of: FeedReplication) -> Content:
    if not of.failures:
        return ""
    rows = [element("li", failure) for failure in of.failures]
    summary = f"{counted(len(of.failures), 'experiment')} crashed, which is no evidence either way"
    return element("details", element("summary", summary), element("ul", rows))
