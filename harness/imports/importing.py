"""Write a replication for each model that somebody replicated a paper on."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Literal, NamedTuple

from harness.cache_dir import cache_dir
from harness.imports.composing import compose, render
from harness.imports.filling import Filling
from harness.imports.git_source import GitSource
from harness.imports.recipe import recipe_of, recipes
from harness.imports.theirs import Theirs, find_theirs
from harness.problems import did_you_mean
from harness.record import HarnessError, read_text, write_bytes, write_text
from harness.replication import load_paper

Status = Literal["new", "same", "kept"]
"""`kept`: a replication.yaml that says something else stands there, and is left alone."""


class Imported(NamedTuple):
    """One replication as it was found, and what became of its folder."""

    root: Path
    author: str
    model: str
    numbers: int
    status: Status


class _Found(NamedTuple):
    imported: Imported
    text: str
    contents: dict[str, bytes]


def import_replications(
    project: Path,
    source: GitSource,
    *,
    paper: str | None = None,
    dry_run: bool = False,
) -> list[Imported]:
    """One replication a model, of one paper or of all that are known.

    Everything is read and checked before the first file is written: specs into the project, result
    files into the cache by their hash. Raises `HarnessError` where the source is of another form.
    """
    found = [theirs for theirs in find_theirs(source) if theirs.paper in recipes()]
    known = sorted({recipe_of(theirs.paper).paper for theirs in found})
    if not found or (paper is not None and paper not in known):
        raise HarnessError(
            f"{source.repository}: no replication of {paper or 'a known paper'}"
            f"{did_you_mean(paper or '', known) if known else ''}"
        )
    wanted = [each for each in found if paper in (None, recipe_of(each.paper).paper)]
    read = [each for theirs in wanted for each in _read(project, source, theirs)]
    for each in () if dry_run else read:
        _write(each)
    return [each.imported for each in read]


def _read(project: Path, source: GitSource, theirs: Theirs) -> Iterator[_Found]:
    recipe = recipe_of(theirs.paper)
    paper = load_paper(project, recipe.paper)
    for model in theirs.models:
        filling = Filling(source, theirs, recipe, model)
        spec = compose(paper, filling)
        text = render(spec, filling)
        root = project / "replications" / paper.id / spec.id
        numbers = filling.taken
        yield _Found(
            Imported(root, theirs.author, filling.ref, len(numbers), _status(root, text)),
            text,
            {number.file: filling.contents[number.file] for number in numbers},
        )


def _status(root: Path, text: str) -> Status:
    path = root / "replication.yaml"
    if not path.exists():
        return "new"
    return "same" if read_text(path) == text else "kept"


def _write(found: _Found) -> None:
    for path, content in found.contents.items():
        name = sha256(content).hexdigest()[:16]
        write_bytes(cache_dir() / "originals" / name / path, content)
    if found.imported.status == "new":
        write_text(found.imported.root / "replication.yaml", found.text)
