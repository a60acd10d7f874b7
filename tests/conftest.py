"""A project folder with one small paper, a replication of it, and a model that runs in a second."""

import os
import runpy
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from harness.replication import Replication

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytest_plugins = ["pytester"]
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # So starts what a shell puts into the background; tests interrupt processes of their own.
    signal.signal(signal.SIGINT, signal.default_int_handler)
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # Many threads a worker are slower than one.

CHECKOUT = Path(__file__).parents[1]

PAPER = """\
id: tiny-truth
title: Truth in a tiny model
authors: [A. Author]
year: 2024
url: https://example.org/tiny-truth
setup:
  models: [hf:someone/paper-model]
  data: generated
  hyperparameters: {split: statement}
claims:
  - id: truth-linear
    statement: A probe finds truth.
    source: {section: "Fig. 1", status: read, quote: "95"}
    scope: general
    expects:
      kind: bound
      side: at_least
      limit: 0.6
      quantity: {metric: accuracy_binary, where: {layer: chosen, probe: mass_mean, train: sp_en_trans, test: sp_en_trans}}
    controls: [shuffled_labels]
  - id: negation-flips
    statement: On negations it is wrong.
    source: {section: "Fig. 1", status: read, quote: "20"}
    scope: general
    expects:
      kind: bound
      side: at_most
      limit: 0.4
      quantity: {metric: accuracy_binary, where: {layer: chosen, probe: mass_mean, train: sp_en_trans, test: neg_sp_en_trans}}
    controls: [shuffled_labels]
  - id: both-repairs
    statement: Training on both repairs it.
    source: {section: "Fig. 1", status: read, quote: "95 against 20"}
    scope: general
    expects:
      kind: ordering
      descending:
        - {metric: accuracy_binary, where: {layer: chosen, probe: mass_mean, train: sp_en_trans+neg_sp_en_trans, test: neg_sp_en_trans}}
        - {metric: accuracy_binary, where: {layer: chosen, probe: mass_mean, train: sp_en_trans, test: neg_sp_en_trans}}
  - id: exact-number
    statement: The probe reaches 0.95 on the paper's model.
    source: {section: "Fig. 1", status: read, quote: "95"}
    scope: exact
    expects:
      kind: value
      target: 0.95
      tolerance: 0.02
      tolerance_from: two printed digits
      quantity: {metric: accuracy_binary, where: {layer: chosen, probe: mass_mean, train: sp_en_trans, test: sp_en_trans}}
  - id: nobody-measures
    statement: Truth about numbers.
    source: {section: "Sec. 3", status: read, quote: "numbers too"}
    scope: general
    expects:
      kind: bound
      side: at_least
      limit: 0.6
      quantity: {metric: auroc, where: {layer: chosen, probe: mass_mean, train: larger_than, test: larger_than}}
"""  # noqa: E501

REPLICATION = """\
id: tiny
paper: tiny-truth
experiments:
  - family: probing
    id: transfer
    model: "@MODEL@"
    seeds: [0, 1]
    sizes: {sp_en_trans: 48, neg_sp_en_trans: 48}
    probes: [mass_mean, lda]
    train: [sp_en_trans, sp_en_trans+neg_sp_en_trans]
    test: [sp_en_trans, neg_sp_en_trans]
    folds: 3
    sweep:
      - {probe: mass_mean, train: sp_en_trans, test: sp_en_trans}
    angles:
      - [sp_en_trans, neg_sp_en_trans]
    pictures: [sp_en_trans]
  - family: probing
    id: by-statement
    judged: false
    model: "@MODEL@"
    seeds: [0]
    sizes: {sp_en_trans: 48}
    layer: 1
    split: statement
    probes: [mass_mean]
    train: [sp_en_trans]
    test: [sp_en_trans]
    folds: 3
deviations:
  - {what: model, paper: "hf:someone/paper-model", here: "@MODEL@", why: it runs in a second}
  - {what: scale, paper: sp_en_trans as published, here: "sp_en_trans: 48, neg_sp_en_trans: 48", why: speed}
  - {what: hyperparameter, paper: "split: statement", here: "split: unit", why: names leak}
untested:
  nobody-measures: numbers are not part of this replication
"""  # noqa: E501


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Project:
    """A folder with `papers/` and `replications/`, and what tests do to it."""

    root: Path
    model: Path

    @property
    def paper_file(self) -> Path:
        return self.root / "papers/tiny-truth/paper.yaml"

    @property
    def folder(self) -> Path:
        return self.root / "replications/tiny-truth/tiny"

    @property
    def spec_file(self) -> Path:
        return self.folder / "replication.yaml"

    def open(self) -> Replication:
        return Replication.open(self.folder)

    def edit(self, old: str, new: str, *, paper: bool = False) -> None:
        """Replace a text of replication.yaml, or of paper.yaml, that must be there."""
        file = self.paper_file if paper else self.spec_file
        text = file.read_text()
        assert old in text, f"{old!r} is not in {file}"
        file.write_text(text.replace(old, new))

    def state(self) -> dict[str, tuple[int, bytes]]:
        """Every file and folder below: time of change and content."""
        return {
            path.relative_to(self.root).as_posix(): (
                path.stat().st_mtime_ns,
                path.read_bytes() if path.is_file() else b"",
            )
            for path in sorted(self.root.rglob("*"))
        }

    def rows_files(self) -> dict[str, bytes]:
        """Name → content of every file of measurements."""
        return {path.name: path.read_bytes() for path in self.folder.glob("measurements/*.jsonl")}

    def command(self, *arguments: str, **environment: str) -> Ended:
        """The real command line in a process of its own."""
        done = subprocess.run(
            [sys.executable, "-c", "from harness.cli import main; main()", *arguments],
            cwd=self.root,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Gone before the next file's tests: its event loop lets no other run beside it."""
    from tests.graphs.chromium import chromium

    with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a random Llama model with its tokenizer."""
    directory = tmp_path_factory.mktemp("models") / "tiny-llama"
    runpy.run_path(str(CHECKOUT / "tests/tiny_model.py"))["save_tiny_model"](directory)
    return directory


@pytest.fixture
def harness_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of the test's own, and no data folder."""
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("HARNESS_DATA", raising=False)
    return tmp_path / "cache"


@pytest.fixture
def project(
    tmp_path: Path,
    tiny_model: Path,
    harness_cache: Path,  # noqa: ARG001
    monkeypatch: pytest.MonkeyPatch,
) -> Project:
    """A project that has not run; the current folder is its root."""
    monkeypatch.chdir(tmp_path)
    made = write_project(tmp_path / "project", tiny_model)
    monkeypatch.chdir(made.root)
    return made


@pytest.fixture(scope="session")
def _ran_once(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Project:
    from harness.run import run, write_verdicts

    made = write_project(tmp_path_factory.mktemp("ran") / "project", tiny_model)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HARNESS_CACHE", str(tmp_path_factory.mktemp("cache")))
        run(made.open(), device="cpu")
        write_verdicts(made.open())
    return made


@pytest.fixture
def finished(
    _ran_once: Project,
    tmp_path: Path,
    harness_cache: Path,  # noqa: ARG001
    monkeypatch: pytest.MonkeyPatch,
) -> Project:
    """A copy of a project that has run and been judged; the current folder is its root."""
    shutil.copytree(_ran_once.root, tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    return Project(tmp_path / "project", _ran_once.model)


@pytest.fixture
def cli(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., Ended]]:
    """The command line's `main` in this process: arguments → exit code and output."""
    from harness.cli import main

    def call(*arguments: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["harness", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        code = ended.value.code
        return Ended(code if isinstance(code, int) else 0, *capsys.readouterr())

    return call


def write_project(root: Path, model: Path) -> Project:
    made = Project(root, model)
    for file, text in ((made.paper_file, PAPER), (made.spec_file, REPLICATION)):
        file.parent.mkdir(parents=True)
        file.write_text(text.replace("@MODEL@", f"path:{model}"))
    return made
