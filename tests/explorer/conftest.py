"""Sites that are built once."""

from pathlib import Path

import pytest

from harness.experiments.context import no_progress
from harness.explorer.build import build_site
from harness.explorer.output_folder import write_site
from harness.explorer.pages import site_pages
from tests.explorer.projects import ACTADD, CAPITALS, IOI, committed, hostile
from tests.explorer.synthetic import synthetic_feed


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of three committed replications."""
    folder = tmp_path_factory.mktemp("built") / "site"
    build_site(committed(ACTADD, CAPITALS, IOI), folder, progress=no_progress)
    return folder


@pytest.fixture(scope="session")
def hostile_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    build_site([hostile(folder / "project")], folder / "site", progress=no_progress)
    return folder / "site"


@pytest.fixture(scope="session")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("many") / "site"
    pages = site_pages(synthetic_feed(), ())
    write_site(folder, {name: text.encode() for name, text in pages.items()}, {})
    return folder
