"""Rungs, as the tests of isolation have them, and one of them where any will do."""

import pytest

from harness.isolation import Rung, available
from tests.isolation.conftest import apart, rung

__all__ = ["apart", "best", "rung"]


@pytest.fixture
def best() -> Rung:
    """For what does not depend on the rung."""
    return available()[0]
