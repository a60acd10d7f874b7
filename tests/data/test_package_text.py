import subprocess
import sys
from importlib.metadata import version

import pytest

from harness.data import package_text
from harness.data.package_text import docstrings, texts
from harness.record import HarnessError

SOURCE = '''
"""About the module."""

class Thing:
    """A thing.

    >>> Thing()
    Thing
    ... more
    The end.
    """

    def do(self):
        """Do it..."""

    def bare(self):
        return "not a docstring"
'''


@pytest.fixture(autouse=True)
def few_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package_text, "MOST_FILES", 20)


def test_docstrings_come_without_lines_of_examples() -> None:
    assert list(docstrings(SOURCE)) == [
        "About the module.",
        "A thing.\n\nThing\nThe end.",
        "Do it...",
    ]


def test_texts_are_long_enough_and_none_comes_twice() -> None:
    drawn = texts(count=30, least=800, seed=0)
    assert len(set(drawn.texts)) == 30
    assert min(map(len, drawn.texts)) >= 800
    assert not any(line.lstrip().startswith(">>>") for t in drawn.texts for line in t.splitlines())
    assert drawn.packages == {name: version(name) for name in ("scikit-learn", "scipy")}


def test_equal_seeds_draw_equal_texts_and_another_seed_others() -> None:
    one, same, other = (texts(count=10, least=800, seed=seed).sha256 for seed in (0, 0, 1))
    assert one == same != other


def test_reading_the_packages_imports_neither() -> None:
    code = (
        "import sys; from harness.data import package_text as p; p.MOST_FILES = 5; "
        "p.texts(count=1, least=100, seed=0); "
        "sys.exit(bool({'sklearn', 'scipy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("count", [0, 10**6])
def test_more_texts_than_there_are_is_refused_with_their_number(count: int) -> None:
    with pytest.raises(HarnessError, match="valid: 1 to"):
        texts(count=count, least=800, seed=0)


def test_a_package_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package_text, "SOURCES", {"none": "no_such_package"})
    with pytest.raises(HarnessError, match="no_such_package is not installed"):
        texts(count=1, least=1, seed=0)
