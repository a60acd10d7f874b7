"""Lays out a scratch folder, makes the cell around it and starts the recipe's process there."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

from harness.autoresearch.candidate import Candidate
from harness.autoresearch.sandbox.fresh import make_fresh
from harness.autoresearch.sandbox.pipes import made_pipes
from harness.autoresearch.sandbox.place import Place
from harness.autoresearch.sandbox.protocol import CONTRACT
from harness.autoresearch.sandbox.running import START_SECONDS, Running
from harness.autoresearch.sandbox.usage import Limits
from harness.autoresearch.sandbox.weights import most_bytes
from harness.autoresearch.task import Contract
from harness.isolation import Cell
from harness.record import Record, write_bytes

_GIB = 2**30
_LIBRARIES_BYTES = _GIB // 2
"""Memory that Python and torch hold of their own; the contract's is beyond it."""
_PRIVATE_BYTES = _GIB // 4
_LEAST_FILE_BYTES = 2**26
_PROCESSES, _OPEN_FILES = 64, 1024
_PROGRAM = Path(__file__).with_name("inside.py")
_VARIABLES = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
}
"""What makes a training the same twice; the last is what CUDA's library asks for."""


class RecipeContract(Record):
    """`contract` as a recipe sees it."""

    width: int
    samples: int
    target_l0: float
    seconds: float
    device: str


class Told(Record):
    """Everything that the recipe's process is told, `contract.json`."""

    contract: RecipeContract
    d_in: int
    seed: int
    memory_bytes: int | None
    """Address space beyond what the libraries take; `None` where a device's driver reserves more
    than there is."""


class Start(NamedTuple):
    """What is run."""

    mode: Literal["train", "encode"]
    candidate: Candidate
    contract: Contract
    device: str
    d_in: int
    seed: int
    files: dict[str, bytes]
    """Laid beside the recipe."""
    seconds: float
    """The most that it lasts once it runs."""


@contextmanager
def started(place: Place, start: Start) -> Generator[Running]:
    """The process, ready to take activations; it is killed at the block's end.

    Raises `HarnessError` where the rung does not work, `RunFailed` with cause `infrastructure`
    where the libraries cannot be loaded in it.
    """
    limits = _limits(start.contract)
    _lay(place.folder, start)
    command = [sys.executable, "-u", "-P", "-s", os.fspath(_PROGRAM), start.mode]
    most_seconds = START_SECONDS + start.seconds
    with (
        made_pipes(place.folder) as pipes,
        _cell(place, limits).job(command, deadline_seconds=most_seconds) as job,
        Running(job, pipes, limits, place.folder) as running,
    ):
        yield running


def _limits(contract: Contract) -> Limits:
    file_bytes = max(_LEAST_FILE_BYTES, most_bytes(contract))
    return Limits(
        memory_bytes=int(contract.memory_gib * _GIB) + _LIBRARIES_BYTES,
        file_bytes=file_bytes,
        folder_bytes=4 * file_bytes,
    )


def _lay(folder: Path, start: Start) -> None:
    make_fresh(folder)
    start.candidate.write(folder)
    contract = start.contract
    told = Told(
        contract=RecipeContract(
            width=contract.width,
            samples=contract.samples,
            target_l0=contract.target_l0,
            seconds=contract.seconds,
            device=start.device,
        ),
        d_in=start.d_in,
        seed=start.seed,
        memory_bytes=int(contract.memory_gib * _GIB) if start.device == "cpu" else None,
    )
    told.dump(folder / CONTRACT)
    for name, content in start.files.items():
        write_bytes(folder / name, content)


def _cell(place: Place, limits: Limits) -> Cell:
    home = Path.home().resolve()
    return Cell(
        rung=place.rung,
        folder=place.folder,
        home=place.folder / "home",
        also_readable=(*place.readable, *_links_to_python()),
        hidden=(*place.hidden, *([home] if home.parent != home else [])),
        variables=_VARIABLES,
        network=False,
        processes=_PROCESSES,
        file_bytes=limits.file_bytes,
        open_files=_OPEN_FILES,
        private_bytes=_PRIVATE_BYTES,
    )


def _links_to_python() -> list[Path]:
    """Folders of the links by which Python is found: they may lie in the person's home."""
    link, folders = Path(sys.executable), list[Path]()
    while link.is_symlink():
        link = link.parent / link.readlink()
        folders.append(link.parent.resolve())
    return folders
