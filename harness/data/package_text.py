"""English prose that is on every machine with this package: docstrings of what it needs.

Reads source files and imports none of them. The text is neutral ground: long, plain, written by
people and free to use (both packages are under the BSD 3-clause licence).
"""

import ast
import random
import re
from collections.abc import Iterator
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from textwrap import dedent

from harness.data.content_hash import content_hash
from harness.record import HarnessError, Record

SOURCES = {"scikit-learn": "sklearn", "scipy": "scipy"}
"""Names of the distributions and of the packages that they install."""
MOST_FILES = 250
"""Files read of each package, in the order of their paths: parsing them all takes too long."""
_NOT_PROSE = re.compile(r"^\s*(>>>|\.\.\. |\.\.\.$)")
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


class TextSet(Record):
    """Texts of one name, in a fixed order, and the versions of what they were read from."""

    name: str
    texts: tuple[str, ...]
    packages: dict[str, str]
    """Version of each distribution: other versions have other texts."""

    @cached_property
    def sha256(self) -> str:
        """Hash of the texts: equal for equal contents and order."""
        return content_hash(self.texts)


def texts(*, count: int, least: int, seed: int) -> TextSet:
    """`count` docstrings of scikit-learn and scipy of at least `least` characters, drawn by `seed`.

    Lines of interactive examples are left out before the length is taken; no text comes twice.
    Raises `HarnessError` where a package is not installed with its source, and where fewer texts
    are long enough. Source: none; stands in for the prose that papers measure perplexity on.
    """
    found = dict.fromkeys(
        text
        for package in SOURCES.values()
        for path in islice(_files(package), MOST_FILES)
        for text in docstrings(path.read_text(encoding="utf-8"))
        if len(text) >= least
    )
    if not 1 <= count <= len(found):
        raise HarnessError(
            f"package_text: count {count} is not possible; valid: 1 to {len(found)}, "
            f"the docstrings of {least} characters or more"
        )
    return TextSet(
        name="package_text",
        texts=tuple(random.Random(seed).sample(list(found), count)),
        packages={name: version(name) for name in SOURCES},
    )


def docstrings(source: str) -> Iterator[str]:
    """Docstrings of a module and of all in it, without the lines of interactive examples."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, _DOCUMENTED):
            text = ast.get_docstring(node)
            if text:
                lines = [line for line in text.splitlines() if not _NOT_PROSE.match(line)]
                yield dedent("\n".join(lines)).strip()


def _files(package: str) -> Iterator[Path]:
    """Source files of an installed package without its tests, in the order of their paths."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise HarnessError(f"package_text: {package} is not installed, or without its source")
    folder = Path(spec.origin).parent
    for path in sorted(folder.rglob("*.py")):
        if not {"tests", "_lib", "externals"} & set(path.relative_to(folder).parts):
            yield path
