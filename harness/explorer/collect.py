"""Read the replications of a project for the site: the feed, and every file that goes with it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import HttpUrl

from harness.explorer.entry import PROJECT, ExplorerEntry, explorer_entry
from harness.explorer.feed import Feed, FeedPaper, FeedReplication, Skipped
from harness.explorer.read_paper import feed_paper
from harness.explorer.read_replication import feed_replication
from harness.explorer.replication_files import THUMBNAIL, published_files, thumbnail
from harness.record import HarnessError
from harness.replication import Replication
from harness.report.material import Material
from harness.report.sections.outcome import outcome_sentence
from harness.report.wording import joined

if TYPE_CHECKING:
    from harness.experiments.context import Progress

STEP = "replications read"


@dataclass(frozen=True)
class Collected:
    """What a site is made of."""

    feed: Feed
    entries: tuple[ExplorerEntry, ...]
    """Those for Neuronpedia, in the feed's order."""
    copies: Mapping[str, Path]
    """Files to copy, by their path in the site."""
    thumbnails: Mapping[str, bytes]
    """Small pictures, by their path in the site."""


@dataclass(frozen=True)
class _One:
    paper: FeedPaper
    replication: FeedReplication
    entry: ExplorerEntry
    copies: Mapping[str, Path]
    picture: bytes | None


def collect(
    roots: Sequence[Path],
    *,
    repository: HttpUrl | None,
    skip_broken: bool,
    progress: "Progress",
) -> Collected:
    """Read every replication in `roots`.

    Raises `HarnessError` that names the first replication which cannot be read; with `skip_broken`
    such a one is listed in the feed instead.
    """
    read: list[_One] = []
    skipped: list[Skipped] = []
    for done, root in enumerate(roots):
        progress(STEP, done, len(roots))
        folder = f"replications/{root.parent.name}/{root.name}"
        try:
            read.append(_read(root))
        except HarnessError as error:
            if not skip_broken:
                raise HarnessError(f"{folder}: {error}") from error
            skipped.append(Skipped(folder=folder, why=str(error)))
    progress(STEP, len(roots), len(roots))
    return _joined(read, skipped, repository)


def _read(root: Path) -> _One:
    replication = Replication.open(root)
    files = published_files(replication.root)
    material, picture = Material.of(replication), thumbnail(files)
    small = THUMBNAIL if picture else None
    names = sorted([*files, small] if small else files)
    told = feed_replication(material, files=names, thumbnail=small)
    copies = {f"{told.folder}/{name}": path for name, path in files.items()}
    entry = _entry(material, files, None)
    return _One(feed_paper(replication.paper), told, entry, copies, picture)


def published_entry(root: Path, *, main_url: str) -> ExplorerEntry:
    """The entry of one replication that stands at `main_url` on the web."""
    replication = Replication.open(root)
    return _entry(Material.of(replication), published_files(replication.root), main_url)


def _entry(material: Material, files: Mapping[str, Path], main_url: str | None) -> ExplorerEntry:
    """Made of the rows, as the pages are: a file beside them may be older."""
    return explorer_entry(
        material.paper,
        material.spec,
        material.verdicts,
        summary=outcome_sentence(material),
        manifest=material.manifest,
        files={name: sha256(path.read_bytes()).hexdigest() for name, path in files.items()},
        main_url=main_url,
        author=joined(material.spec.authors or (PROJECT,)),
    )


def _joined(
    read: Sequence[_One], skipped: Sequence[Skipped], repository: HttpUrl | None
) -> Collected:
    ordered = sorted(read, key=lambda one: (one.replication.paper, one.replication.id))
    papers = {one.paper.id: one.paper for one in ordered}
    feed = Feed(
        repository=repository,
        papers=tuple(papers.values()),
        replications=tuple(one.replication for one in ordered),
        skipped=tuple(skipped),
    )
    return Collected(
        feed=feed,
        entries=tuple(one.entry for one in ordered),
        copies={name: path for one in ordered for name, path in one.copies.items()},
        thumbnails=dict(_thumbnails(ordered)),
    )


def _thumbnails(read: Sequence[_One]) -> Iterator[tuple[str, bytes]]:
    for one in read:
        if one.picture is not None:
            yield f"{one.replication.folder}/{THUMBNAIL}", one.picture
