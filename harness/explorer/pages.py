"""Every file of the site that is made of the feed alone."""

import json
from collections.abc import Sequence

from harness.explorer.entry import ExplorerEntry
from harness.explorer.feed import Feed
from harness.explorer.index_page import index_page
from harness.explorer.paper_page import paper_page


def site_pages(feed: Feed, entries: Sequence[ExplorerEntry]) -> dict[str, str]:
    """Text of each file by its path in the site."""
    listed = [entry.model_dump(mode="json") for entry in entries]
    return {
        "index.html": index_page(feed),
        **{f"papers/{paper.id}.html": paper_page(feed, paper) for paper in feed.papers},
        "feed.json": feed.model_dump_json(indent=1) + "\n",
        "feed.schema.json": _json(Feed.model_json_schema()),
        "explorer_entries.json": _json(listed),
    }


def _json(content: object) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"
