"""The recipe that a campaign starts from."""

from pathlib import Path

from harness.autoresearch.candidate import CODE, KNOBS, Candidate
from harness.problems import did_you_mean
from harness.record import HarnessError, read_text

_HERE = Path(__file__).parent
STARTS = ("batchtopk", "matryoshka")


def starting(name: str) -> Candidate:
    """A shipped recipe by name, or one's own by its folder with `recipe.py` and `knobs.yaml`.

    Raises `HarnessError` with the valid names, and where a file cannot be read.
    """
    if name in STARTS:
        return Candidate(
            code=read_text(_HERE / CODE),
            knobs=read_text(_HERE / f"{name}.yaml"),
        )
    folder = Path(name)
    if not folder.is_dir():
        guess = did_you_mean(name, list(STARTS))
        raise HarnessError(f"start: {name!r} is no recipe and no folder{guess}")
    return Candidate(code=read_text(folder / CODE), knobs=read_text(folder / KNOBS))
