from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from agents.sdk.unanswered import of_status, retry_after_seconds


@pytest.mark.parametrize(
    ("status", "kind", "passing"),
    [
        (400, "request", False),
        (401, "authentication", False),
        (403, "authentication", False),
        (404, "request", False),
        (302, "request", False),
        (409, "rate_limit", True),
        (429, "rate_limit", True),
        (500, "server", True),
        (529, "server", True),
    ],
)
def test_a_status_says_what_went_wrong_and_whether_it_passes(
    status: int, kind: str, passing: bool
) -> None:
    found = of_status(status, {}, "words")
    assert (found.problem.kind, found.is_passing) == (kind, passing)


def test_what_a_server_says_of_a_key_is_dropped() -> None:
    assert "abc" not in of_status(401, {}, "wrong key abc").problem.message
    assert "abc" in of_status(404, {}, "no model abc").problem.message


def test_both_forms_of_retry_after_are_read() -> None:
    later = datetime.now(UTC) + timedelta(seconds=60)
    assert retry_after_seconds("1.5") == 1.5
    assert retry_after_seconds(format_datetime(later)) == pytest.approx(60, abs=5)
    assert [retry_after_seconds(text) for text in (None, "soon", "nan", "-3")] == [None] * 4
