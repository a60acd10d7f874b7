"""What a person may name as the paper: a spec that is here, an address, or a file of its text."""

import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from harness.problems import did_you_mean
from harness.record import HarnessError
from harness.replication import paper_ids

_SUFFIXES = (".pdf", ".txt", ".md", ".html", ".htm", ".xml")


class Named(NamedTuple):
    """A paper."""

    paper: str
    source: str | None
    """Address or file of its text; `None` where its spec is here already."""


def paper_named(project: Path, what: str, paper: str | None) -> Named:
    """`paper` is the id of a new paper; else it is made of the last part of the name.

    Raises `HarnessError` for what is neither, and for a source of a paper that has a spec already.
    """
    known = paper_ids(project)
    if what in known and paper in (None, what):
        return Named(what, None)
    is_file = Path(what).is_file()
    if not (is_file or "://" in what):
        raise HarnessError(
            f"{what}: neither a paper here{did_you_mean(what, known)}; nor an address with ://, "
            f"nor a file ({', '.join(_SUFFIXES)})"
        )
    name = paper or _slug(Path(what).stem if is_file else urlsplit(what).path.rpartition("/")[2])
    if name in known:
        raise HarnessError(
            f"papers/{name}/paper.yaml: is here already; name the paper {name} alone, or give the "
            "new one another --paper"
        )
    return Named(name, str(Path(what).resolve()) if is_file else what)


def _slug(text: str) -> str:
    """A plain id. Raises `HarnessError` where nothing is left for one."""
    slug = re.sub(r"[^a-z0-9.]+", "-", text.lower().removesuffix(".pdf")).strip("-.")
    if not slug:
        raise HarnessError(f"{text!r}: gives no name; say one with --paper")
    return slug[:80]
