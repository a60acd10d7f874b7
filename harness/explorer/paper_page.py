"""A paper's page: the authors' words and credit, claims against replications, each replication."""

from collections.abc import Sequence

from harness.explorer.feed import Feed, FeedPaper, FeedReplication
from harness.explorer.frame import Place, page, web_link
from harness.explorer.markup import Content, Markup, element, join
from harness.explorer.matrix import matrix
from harness.explorer.replication_part import replication_part
from harness.explorer.tally import bar, tally, together
from harness.report.wording import counted, joined

_FAIR = (
    "A claim that is not replicated here was measured on one model under one set-up, named beside "
    "it. That says how far a pattern carries, not that the paper is mistaken about its own models."
)


def paper_page(feed: Feed, paper: FeedPaper) -> str:
    """The page as text; it lies in `papers/`."""
    replications = feed.of(paper)
    main = [
        element("div", _head(paper, replications), class_="head"),
        element("h2", "Claims and outcomes", id="claims"),
        element("p", _FAIR, class_="note"),
        matrix(paper, replications),
        element("h2", counted(len(replications), "replication").capitalize(), id="replications"),
        [replication_part(feed, each, up="../") for each in replications],
        _how_to_add(feed, paper),
    ]
    return page(Place(paper.title, "../"), main, feed=feed, style="paper.css")


def _head(paper: FeedPaper, replications: Sequence[FeedReplication]) -> Content:
    counts = together(replications)
    return [
        element("h1", paper.title, dir="auto"),
        element("p", joined(paper.authors), class_="authors", dir="auto"),
        element(
            "p",
            f"{paper.year} · studied {joined(paper.models)} · ",
            web_link("Read the paper", str(paper.url), class_="read-paper"),
            class_="by",
        ),
        element("p", [element("span", topic) for topic in paper.topics], class_="topics"),
        bar(counts),
        tally(counts),
    ]


def _how_to_add(feed: Feed, paper: FeedPaper) -> Markup:
    where = f"papers/{paper.id}/paper.yaml"
    file: Content = element("code", where)
    if feed.repository:
        file = web_link(file, f"{str(feed.repository).rstrip('/')}/blob/HEAD/{where}")
    return element(
        "section",
        element("h2", "Add a replication", id="add"),
        element("p", "On another model, with one command:"),
        element("pre", element("code", f"harness replicate {paper.id} --model MODEL"), tabindex=0),
        element(
            "p",
            join(["Are you an author, and we misread you? The claims are data in ", file]),
            "; a correction there changes every verdict that rests on it.",
        ),
        class_="add",
    )
