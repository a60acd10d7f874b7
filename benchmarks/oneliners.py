"""Whole commands for people, from the shell's prompt to the answer, against InterpKit's.

    .venv/bin/python -m benchmarks.oneliners [--json] [--rounds N] [--interpkit FOLDER]

Each command runs in a process of its own, imports and loading of the model included; the fastest of
the rounds counts. `steer` asks for 30 tokens of ten continuations and a dose-response curve,
InterpKit's for the next token only. InterpKit is no dependency: `--interpkit` names the folder that
`pip install --no-deps --target FOLDER interpkit rich-gradient rich-color-ext loguru` filled.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from harness.models.embedded import embedded_directory

MODEL = "smollm2-135m-instruct"
CLEAN = "When Mary and John went to the store, John gave a drink to"
CORRUPTED = "When Mary and John went to the store, Mary gave a drink to"
OPENING = "I went up to my friend and said"
OURS = {
    "lens": ["lens", MODEL, "The capital of Texas is"],
    "attend": ["attend", MODEL, CLEAN],
    "patch": ["patch", MODEL, CLEAN, CORRUPTED],
    "steer": ["steer", MODEL, OPENING, "--positive", " wedding", "--negative", " the"],
}
THEIRS = {
    "steer": [
        "steer",
        "{model}",
        OPENING,
        "--positive=I love weddings",
        "--negative=I hate weddings",
        "--at=model.layers.18",
    ],
    "trace": [
        "trace",
        "{model}",
        f"--clean={CLEAN}",
        f"--corrupted={CORRUPTED}",
        "--mode=position",
    ],
}


def timed(command: list[str], folder: str, environment: dict[str, str]) -> tuple[float, int]:
    """Seconds and bytes of standard output. Raises where the command fails."""
    started = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True)
    return time.perf_counter() - started, len(done.stdout)


def ours(arguments: list[str], folder: str) -> tuple[float, int]:
    """The harness's command line."""
    start = [sys.executable, "-c", "from harness.cli import main; main()"]
    return timed([*start, *arguments, "--json"], folder, dict(os.environ))


def theirs(arguments: list[str], folder: str, installed: str) -> tuple[float, int]:
    """InterpKit's command line on the same local model."""
    given = [each.format(model=embedded_directory()) for each in arguments]
    path = os.pathsep.join([str(Path(installed).resolve()), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": path, "HF_HUB_OFFLINE": "1"}
    start = [sys.executable, "-m", "interpkit", "--format", "json"]
    return timed([*start, *given, "--device=cpu"], folder, environment)


def main() -> None:
    """Print the table, or JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=1, help="the fastest of so many counts")
    parser.add_argument("--interpkit", help="folder that InterpKit was installed in")
    given = parser.parse_args()
    rows: list[dict[str, str | float]] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, arguments in OURS.items():
            runs = [ours(arguments, folder) for _ in range(given.rounds)]
            rows.append(_row(f"harness {name}", runs))
        for name, arguments in THEIRS.items() if given.interpkit else ():
            runs = [theirs(arguments, folder, given.interpkit) for _ in range(given.rounds)]
            rows.append(_row(f"interpkit {name}", runs))
    if given.json:
        print(json.dumps(rows, indent=2))
        return
    for row in rows:
        print("  ".join(f"{key} {value}" for key, value in row.items()))


def _row(name: str, runs: list[tuple[float, int]]) -> dict[str, str | float]:
    seconds, size = min(runs)
    return {"command": name, "seconds": round(seconds, 1), "kilobytes": round(size / 1000, 1)}


if __name__ == "__main__":
    main()
