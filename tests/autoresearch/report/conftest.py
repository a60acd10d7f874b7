"""Campaigns told by hand: one that was sealed, and one that is under way and not to be trusted."""

import pytest

from harness.autoresearch.campaign import Campaign
from tests.autoresearch.report.told import told_campaign


@pytest.fixture(scope="session")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    return told_campaign(tmp_path_factory.mktemp("sealed"))


@pytest.fixture(scope="session")
def unsealed(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    folder = tmp_path_factory.mktemp("unsealed")
    return told_campaign(folder, sealed=False, isolation="process", secret_is_known=True)
