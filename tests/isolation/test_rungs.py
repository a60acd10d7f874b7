"""Which rung is chosen."""

from collections.abc import Iterator

import pytest

from harness.isolation import available, choose
from harness.isolation.rungs import why_missing
from harness.record import HarnessError


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    why_missing.cache_clear()
    monkeypatch.setattr("harness.isolation.wrapping.shutil.which", lambda _: None)
    yield
    why_missing.cache_clear()


def test_the_best_is_the_first_that_works() -> None:
    assert choose("best") == available()[0]
    assert available()[-1] == "process"


@pytest.mark.usefixtures("nothing_installed")
def test_without_programs_the_process_is_left() -> None:
    assert available() == ["process"]
    assert choose("best") == "process"


@pytest.mark.usefixtures("nothing_installed")
def test_a_rung_that_does_not_work_is_refused_with_the_reason_and_the_others() -> None:
    with pytest.raises(HarnessError, match=r"unshare is not on PATH.*or choose: process"):
        choose("namespace")
    with pytest.raises(HarnessError, match=r"bwrap is not on PATH.*install it"):
        choose("bubblewrap")
