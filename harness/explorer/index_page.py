"""The first page: every paper as a card by topic, with what the search and the filters need."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from harness.explorer.feed import Feed, FeedPaper, FeedReplication, model_title
from harness.explorer.frame import NAME, Place, page, web_link
from harness.explorer.markup import Content, Markup, element
from harness.explorer.tally import JUDGED, OUTCOMES, bar, tally, together
from harness.report.marks import LOOKS
from harness.report.wording import counted, joined, shortened, words

_LEAD = (
    "Claims of mechanistic-interpretability papers, measured again on models that anyone can run. "
    "Every verdict rests on an interval and on controls, and its report, data and code are here."
)
_EAGER = 2
"""Pictures that are in sight when the page opens; later ones are loaded when they come near."""


def index_page(feed: Feed) -> str:
    """The page as text."""
    main = [
        element("h1", NAME),
        element("p", _LEAD, class_="lead"),
        _filters(feed),
        element("p", _count(feed), id="count", role="status"),
        element("p", "No paper matches. ", _clear(), id="nothing", hidden=True),
        _sections(feed),
        _skipped(feed),
    ]
    place = Place(NAME, "")
    return page(place, main, feed=feed, style="index.css", script="filters.js")


def topic_of(paper: FeedPaper, papers: Sequence[FeedPaper]) -> str:
    """The topic a paper is filed under: the one that most papers share, then its first."""
    shared = Counter(topic for each in papers for topic in each.topics)
    return max(paper.topics, key=lambda topic: shared[topic], default="other topics")


def _count(feed: Feed) -> str:
    return f"{counted(len(feed.papers), 'paper')}, {counted(len(feed.replications), 'replication')}"


def _filters(feed: Feed) -> Markup:
    """Hidden until the script that answers them has started."""
    replications, papers = feed.replications, feed.papers
    people = [name for each in (*papers, *replications) for name in each.authors]
    choices = [
        _choice("topic", "Topic", (topic for paper in papers for topic in paper.topics)),
        _choice("family", "Method", (each for one in replications for each in one.families), words),
        _choice(
            "model", "Model", (each for one in replications for each in one.models), model_title
        ),
        _verdicts(feed),
        _choice("author", "Author", people),
    ]
    words_box = element("input", type="search", id="q", name="q", autocomplete="off")
    search = [element("label", "Search papers, claims, models, verdicts", for_="q"), words_box]
    return element(
        "form",
        element("div", search, class_="field wide"),
        choices,
        element("div", _clear(), class_="field"),
        id="filters",
        role="search",
        hidden=True,
    )


def _clear() -> Markup:
    return element("button", "Clear filters", type="button", class_="clear")


def _choice(
    name: str, label: str, values: Iterable[str], said: Callable[[str], str] = str
) -> Markup:
    distinct = sorted(set(map(_plain, values)), key=str.casefold)
    options = [element("option", said(value), value=value) for value in distinct]
    return _select(name, label, options)


def _verdicts(feed: Feed) -> Markup:
    """The code of an outcome is its digit in the cards' `data-outcomes`."""
    seen = together(feed.replications)
    options = [
        element("option", LOOKS[outcome].word, value=outcome, data_code=code, disabled=not here)
        for code, outcome in enumerate(OUTCOMES)
        if (here := bool(seen[outcome])) or outcome in JUDGED
    ]
    return _select("verdict", "Verdict", options)


def _select(name: str, label: str, options: Sequence[Markup]) -> Markup:
    every = element("option", "any", value="")
    chosen = element("select", every, options, id=name, name=name)
    return element("div", element("label", label, for_=name), chosen, class_="field")


def _sections(feed: Feed) -> Content:
    """Topics in alphabetical order; in each the oldest paper first."""
    by_topic: dict[str, list[FeedPaper]] = {}
    for paper in sorted(feed.papers, key=lambda paper: (paper.year, paper.id)):
        by_topic.setdefault(topic_of(paper, feed.papers), []).append(paper)
    places = {paper.id: place for place, paper in enumerate(feed.papers)}
    return [
        element(
            "section",
            element("h2", _capital(topic)),
            element("div", [_card(feed, paper, places[paper.id]) for paper in by_topic[topic]]),
            class_="topic",
        )
        for topic in sorted(by_topic, key=str.casefold)
    ]


def _card(feed: Feed, paper: FeedPaper, place: int) -> Markup:
    replications = feed.of(paper)
    return element(
        "article",
        _picture(replications, eager=place < _EAGER),
        element("div", _about(paper, replications), class_="about"),
        class_="card",
        data_topics=_listed(paper.topics),
        data_authors=_listed(paper.authors),
    )


def _about(paper: FeedPaper, replications: Sequence[FeedReplication]) -> Content:
    counts = together(replications)
    link = element("a", shortened(paper.title, 240), href=f"papers/{paper.id}.html")
    return [
        element("h3", link, dir="auto"),
        element(
            "p",
            element("span", joined(paper.authors), dir="auto"),
            f" · {paper.year} · ",
            web_link("paper", str(paper.url), aria_label=f"Read the paper: {paper.title}"),
            class_="by",
        ),
        element("p", [element("span", topic) for topic in paper.topics], class_="topics"),
        bar(counts),
        tally(counts),
        element("ul", [_row(paper, each) for each in replications], class_="replications"),
        _claims(paper),
    ]


def _row(paper: FeedPaper, replication: FeedReplication) -> Markup:
    judged = sum(replication.counts.get(outcome, 0) for outcome in JUDGED)
    share = f"{replication.counts.get('replicated', 0)} of {judged}" if judged else "none judged"
    named = replication.title
    codes = {outcome: str(code) for code, outcome in enumerate(OUTCOMES)}
    return element(
        "li",
        element("a", named, href=f"papers/{paper.id}.html#{replication.anchor}", class_="model"),
        bar(replication.counts),
        element("span", share),
        element(
            "a",
            "report",
            href=f"{replication.folder}/report.html",
            aria_label=f"Report of {paper.id} on {named}",
        ),
        data_models=_listed(replication.models),
        data_families=_listed(replication.families),
        data_authors=_listed(replication.authors) or None,
        data_outcomes="".join(codes[each.outcome] for each in replication.claims),
    )


def _claims(paper: FeedPaper) -> Markup:
    """In the order of the digits of `data-outcomes`; the search opens it where a claim matches."""
    its_page = f"papers/{paper.id}.html"
    items = [
        element("li", element("a", claim.statement, href=f"{its_page}#claim-{claim.id}"))
        for claim in paper.claims
    ]
    return element(
        "details",
        element("summary", counted(len(paper.claims), "claim")),
        element("ol", items, dir="auto"),
        class_="claims",
    )


def _picture(replications: Sequence[FeedReplication], *, eager: bool) -> Content:
    """Of the first replication that has one; it leads to the report, whose link stands beside."""
    for each in replications:
        if each.thumbnail:
            return element(
                "img",
                src=f"{each.folder}/{each.thumbnail}",
                alt=f"Intervals of the judged claims on {each.title}",
                width=240,
                height=180,
                loading=None if eager else "lazy",
                decoding="async",
            )
    return element("div", class_="no-picture")


def _skipped(feed: Feed) -> Content:
    if not feed.skipped:
        return ""
    rows = [element("li", element("code", each.folder), f": {each.why}") for each in feed.skipped]
    return element(
        "section", element("h2", "Left out"), element("ul", rows), class_="skipped", id="left-out"
    )


def _listed(values: Iterable[str]) -> str:
    return "\n".join(map(_plain, values))


def _plain(value: str) -> str:
    """On one line, as a line of a list."""
    return " ".join(value.split())


def _capital(topic: str) -> str:
    return topic[:1].upper() + topic[1:]
