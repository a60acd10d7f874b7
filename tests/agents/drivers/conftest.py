"""The two command-line agents: those of this machine, else of npm, kept in the harness's cache."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest
from filelock import FileLock, Timeout

from agents.drivers.claude_code import CLAUDE
from agents.drivers.codex import CODEX
from harness.cache_dir import cache_dir

PACKAGES = (f"{CLAUDE.package}@2.1.332", f"{CODEX.package}@0.169.0")
"""Which versions are installed where there are none."""
_INSTALL_SECONDS = 240
"""Under the most that a test may take."""
_FOLDER = cache_dir() / "npm"
"""As it is before tests put the cache elsewhere."""


class Clis(NamedTuple):
    claude: Path
    codex: Path


def find_clis() -> Clis:
    """Both programs. Skips the test where they are neither here nor to be had."""
    found = _found()
    if found is None:
        _install()
        found = _found()
    assert found is not None, f"npm installed nothing in {_FOLDER}"
    return found


@pytest.fixture(scope="session")
def _clis() -> Clis:
    return find_clis()


@pytest.fixture
def clis(_clis: Clis, monkeypatch: pytest.MonkeyPatch) -> Clis:
    """Both programs, where the drivers look for them."""
    monkeypatch.setenv(CLAUDE.variable, os.fspath(_clis.claude))
    monkeypatch.setenv(CODEX.variable, os.fspath(_clis.codex))
    return _clis


def _found() -> Clis | None:
    claude, codex = (
        os.environ.get(program.variable)
        or shutil.which(program.name)
        or shutil.which(_FOLDER / "node_modules" / ".bin" / program.name)
        for program in (CLAUDE, CODEX)
    )
    return Clis(Path(claude), Path(codex)) if claude and codex else None


def _install() -> None:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not on PATH, nor are claude and codex")
    _FOLDER.mkdir(parents=True, exist_ok=True)
    command = [npm, "install", "--prefix", _FOLDER, "--no-audit", "--no-fund", *PACKAGES]
    try:
        with FileLock(_FOLDER / "lock", timeout=_INSTALL_SECONDS):
            if _found() is None:
                subprocess.run(
                    [*command, "--fetch-retries=1", "--fetch-timeout=60000"],
                    check=True,
                    timeout=_INSTALL_SECONDS,
                    capture_output=True,
                    text=True,
                )
    except subprocess.CalledProcessError as error:
        pytest.skip(f"npm: {error.stderr.strip()[-500:]}")
    except (subprocess.TimeoutExpired, Timeout) as error:
        pytest.skip(f"npm: {error}")
