"""Build the site of a project: read, render, write."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pydantic import HttpUrl

from harness.explorer.collect import collect
from harness.explorer.feed import Skipped
from harness.explorer.output_folder import require_own, write_site
from harness.explorer.pages import site_pages
from harness.record import HarnessError

if TYPE_CHECKING:
    from harness.experiments.context import Progress


class Built(NamedTuple):
    """What a site holds."""

    papers: int
    replications: int
    files: int
    skipped: Sequence[Skipped]


def build_site(
    roots: Sequence[Path],
    output: Path,
    *,
    progress: "Progress",
    repository: HttpUrl | None = None,
    skip_broken: bool = False,
) -> Built:
    """Write the site of the replications in `roots` into `output`, or nothing at all.

    Raises `HarnessError` where a replication cannot be read or the folder is not a site's own.
    """
    if not roots:
        raise HarnessError("no replication here; `harness replicate PAPER` makes one")
    require_own(output)
    found = collect(roots, repository=repository, skip_broken=skip_broken, progress=progress)
    pages = site_pages(found.feed, found.entries)
    written = {name: text.encode() for name, text in pages.items()}
    write_site(output, {**written, **found.thumbnails}, found.copies)
    feed = found.feed
    return Built(
        papers=len(feed.papers),
        replications=len(feed.replications),
        files=len(written) + len(found.thumbnails) + len(found.copies),
        skipped=feed.skipped,
    )
