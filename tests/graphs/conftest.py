"""The page of the planted graph, opened in a browser."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.graphs.viewer import write_page
from tests.graphs.chromium import Opened
from tests.graphs.viewer_graphs import feature_details, planted

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("pages") / "graph.html"
    write_page(json.dumps(planted()), target, features={"3_77": feature_details(hostile=True)})
    return target


@pytest.fixture
def opened(browser: "Browser", path: Path) -> Iterator[Opened]:
    it = Opened(browser, path)
    yield it
    assert it.complaints == []
    it.page.close()
