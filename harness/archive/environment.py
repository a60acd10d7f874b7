"""The versions of everything that is installed: what an archive locks, and how another differs."""

import platform
import re
from collections.abc import Iterator
from importlib.metadata import distributions

from harness.record import Record

_SEPARATORS = re.compile(r"[-_.]+")


class Difference(Record):
    """One version that is not the locked one."""

    what: str
    """A package, `python` or `platform`."""
    archive: str
    here: str | None
    """`None` where the package is not installed."""


class Environment(Record):
    """Interpreter, platform and the exact version of every installed distribution."""

    python: str
    platform: str
    packages: dict[str, str]
    """Version by name, as package indexes normalise names."""

    @classmethod
    def now(cls) -> "Environment":
        """What this process runs in."""
        return cls(
            python=platform.python_version(),
            platform=f"{platform.system()} {platform.machine()}",
            packages=dict(sorted(_installed())),
        )

    def differences(self, here: "Environment") -> list[Difference]:
        """What another environment has otherwise; packages that only it has do not count."""
        pairs = [
            ("python", self.python, here.python),
            ("platform", self.platform, here.platform),
            *((name, old, here.packages.get(name)) for name, old in self.packages.items()),
        ]
        return [
            Difference(what=what, archive=old, here=new) for what, old, new in pairs if old != new
        ]


def _installed() -> Iterator[tuple[str, str]]:
    """Each distribution once: of two with one name Python imports the first."""
    seen: set[str] = set()
    for each in distributions():
        name = _SEPARATORS.sub("-", each.metadata["Name"]).lower()
        if name not in seen:
            seen.add(name)
            yield name, each.version
