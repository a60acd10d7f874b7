"""Extraction of last-token activations at every layer, against the plain ways of doing it.

    .venv/bin/python -m benchmarks.extraction [--json] [--rounds N] [--threads N] [--only WAY ...]

Data: the 1,496 original `cities` sentences where ../shared/data holds them, else as many generated
ones. Each way runs in a process of its own, so that its peak memory is its own; the ratio is to
plain transformers in the same run. max|Δ| is over every layer and text, next to the largest
activation; bfloat16 is expected to differ and its effect belongs to the metrics, not here.
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from harness.models.device import describe_device, peak_memory_mib
from harness.models.extraction import extract
from harness.models.hookpoints import Hookpoint
from harness.models.language_model import LanguageModel, load_model

MODEL = "smollm2-135m-instruct"
ORIGINAL = Path(__file__).parents[2] / "shared" / "data" / "cities.csv"
WAYS = ("transformers", "transformer_lens", "padded", "tree", "tree bfloat16")
BATCH = 32
"""Rows a batch of the plain ways, in the given order."""


class Timing(NamedTuple):
    """One way, measured."""

    seconds: float
    cpu_seconds: float
    """Processor time; on a busy machine, with one thread, the figure to compare."""
    peak_mib: float


def sentences(most: int) -> list[str]:
    """The original set where it is, else generated statements of the same form."""
    if ORIGINAL.exists():
        with ORIGINAL.open(newline="") as file:
            return [row["statement"] for row in csv.DictReader(file)][:most]
    from harness.data.cities import generate

    return [statement.text for statement in generate(size=1496, seed=0, negated=False)][:most]


def plain(lm: LanguageModel, texts: list[str]) -> Tensor:
    """`output_hidden_states=True`; the last one has the final norm in it and is left out."""
    rows: list[Tensor] = []
    with torch.inference_mode():
        for start in range(0, len(texts), BATCH):
            batch = lm.tokenizer(texts[start : start + BATCH], return_tensors="pt", padding=True)
            states = lm.hf(**batch, output_hidden_states=True).hidden_states
            last = batch["attention_mask"].sum(1) - 1
            index = torch.arange(len(last))
            rows.append(torch.stack([state[index, last] for state in states[1:-1]], dim=1))
    return torch.cat(rows)


def transformer_lens(lm: LanguageModel, texts: list[str]) -> Callable[[], Tensor]:
    """`run_with_cache`, names filtered to hook_resid_post, on the same weights."""
    from tests.models.lens import hooked_transformer

    lens = hooked_transformer(lm)

    def run() -> Tensor:
        rows: list[Tensor] = []
        with torch.inference_mode():
            for start in range(0, len(texts), BATCH):
                batch = lm.tokenizer(
                    texts[start : start + BATCH], return_tensors="pt", padding=True
                )
                _, cache = lens.run_with_cache(
                    batch["input_ids"],
                    attention_mask=batch["attention_mask"],
                    names_filter=lambda name: name.endswith("hook_resid_post"),
                )
                last = batch["attention_mask"].sum(1) - 1
                index = torch.arange(len(last))
                layers = range(lm.n_layers - 1)
                rows.append(
                    torch.stack([cache["resid_post", i][index, last] for i in layers], dim=1)
                )
        return torch.cat(rows)

    return run


def ours(lm: LanguageModel, texts: list[str], packing: str) -> Tensor:
    """`extract` without a cache."""
    hookpoints = [Hookpoint("resid_post", layer) for layer in range(lm.n_layers)]
    found = extract(lm, texts, hookpoints, packing=packing)  # pyright: ignore[reportArgumentType]
    return torch.stack([found[hookpoint] for hookpoint in hookpoints[:-1]], dim=1)


def prepare(name: str, lm: LanguageModel, texts: list[str]) -> Callable[[], Tensor]:
    """What is not timed; returns what is."""
    match name:
        case "transformers":
            return lambda: plain(lm, texts)
        case "transformer_lens":
            return transformer_lens(lm, texts)
        case _:
            return lambda: ours(lm, texts, name.split()[0])


def measure(name: str, given: argparse.Namespace, target: Path) -> Timing:
    """Run one way in this process and leave its activations in `target`."""
    torch.set_num_threads(given.threads)
    dtype = "bfloat16" if name.endswith("bfloat16") else "float32"
    run = prepare(
        name, lm := load_model(MODEL, device="cpu", dtype=dtype), sentences(given.sentences)
    )
    lm.hf(torch.tensor([[1, 2]]))
    started, used = time.perf_counter(), time.process_time()
    found = run()
    timing = Timing(time.perf_counter() - started, time.process_time() - used, peak_memory_mib())
    save_file({"activations": found.contiguous()}, target)
    return timing


def measure_apart(name: str, given: argparse.Namespace, target: Path) -> Timing:
    """As `measure`, in a process of its own."""
    options = [f"--threads={given.threads}", f"--sentences={given.sentences}"]
    child = [sys.executable, "-m", "benchmarks.extraction", "--child", name, str(target), *options]
    said = subprocess.run(child, check=True, capture_output=True, text=True).stdout
    return Timing(*json.loads(said.splitlines()[-1]))


def compare(given: argparse.Namespace) -> list[dict[str, str | float]]:
    """Every way in turn, `rounds` times; the fastest round of each, against the first way."""
    timings: dict[str, list[Timing]] = {name: [] for name in given.only}
    with tempfile.TemporaryDirectory() as folder:
        files = {name: Path(folder) / f"{name}.safetensors" for name in given.only}
        for name in given.only * given.rounds:
            timings[name].append(measure_apart(name, given, files[name]))
        found = {name: load_file(file)["activations"].float() for name, file in files.items()}
    best = {name: Timing(*map(min, zip(*each, strict=True))) for name, each in timings.items()}
    reference, base = found[given.only[0]], best[given.only[0]]
    return [
        {
            "way": name,
            **{key: round(value, 2) for key, value in timing._asdict().items()},
            "times_faster": round(base.seconds / timing.seconds, 2),
            "times_less_cpu": round(base.cpu_seconds / timing.cpu_seconds, 2),
            "max_difference": (found[name] - reference).abs().max().item(),
            "largest_activation": reference.abs().max().item(),
        }
        for name, timing in best.items()
    ]


def main() -> None:
    """Print the table, or JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--sentences", type=int, default=10**9, help="only the first so many")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=1, help="the fastest of so many counts")
    parser.add_argument("--only", nargs="+", default=list(WAYS), choices=WAYS)
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        print(json.dumps(measure(given.child[0], given, Path(given.child[1]))))
        return
    table = compare(given)
    if given.json:
        machine = {"device": describe_device("cpu").name, "torch": torch.__version__}
        print(json.dumps({**machine, "threads": given.threads, "rows": table}, indent=2))
        return
    columns = {key: max(len(key), 16 if key == "way" else 0) for key in table[0]}
    print("  ".join(key.rjust(width) for key, width in columns.items()))
    for row in table:
        print("  ".join(_cell(row[key]).rjust(width) for key, width in columns.items()))


def _cell(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.4g}"


if __name__ == "__main__":
    main()
