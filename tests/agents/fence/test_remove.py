"""A folder goes whatever is closed in it. To root nothing is closed: the child is another user."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

NOBODY = 65534
CHILD = """
import os, sys
from pathlib import Path
from agents.fence.restore import remove
if os.getuid() == 0:
    os.setgid(int(sys.argv[2]))
    os.setuid(int(sys.argv[2]))
top = Path(sys.argv[1])
(top / "a/b/c").mkdir(parents=True)
(top / "a/b/c/file").write_text("x")
(top / "stays").write_text("x")
(top / "stays").chmod(0o444)
(top / "a/b/stays").hardlink_to(top / "stays")
(top / "a/b/outside").symlink_to(top, target_is_directory=True)
(top / "a/b/c").chmod(0)
(top / "a/b").chmod(0o500)
(top / "a").chmod(0)
remove(top / "a")
print(sorted(os.listdir(top)), oct((top / "stays").stat().st_mode & 0o777))
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """Where anybody may go, as into pytest's own folders nobody else may."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        yield Path(folder)


def test_what_is_closed_to_its_owner_is_removed_and_what_stays_keeps_its_mode(place: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", CHILD, os.fspath(place), str(NOBODY)],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.stdout, ran.stderr) == ("['stays'] 0o444\n", "")
