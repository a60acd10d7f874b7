"""What a recipe is called: its architecture, then what departs from the world's usual."""

from collections.abc import Iterator

from harness.oneline.standings import Standing
from harness.report.figures.architectures import looks
from harness.specs.worlds import World

_USUAL_BATCH = 1024
_UNITS = ((1e9, "G"), (1e6, "M"), (1e3, "k"))


def architecture_name(architecture: str) -> str:
    """As figures and tables of reports call it."""
    return looks([architecture])[architecture].label


def recipe_name(sae: Standing, world: World) -> str:
    """`BatchTopK, 200k samples`: what is not said is the world's own."""
    return ", ".join([architecture_name(sae.architecture), *_departures(sae, world)])


def recipe_words(sae: Standing) -> str:
    """All that a command's SAEs have in common."""
    config = "".join(f", {key} {value}" for key, value in sae.config.items())
    return (
        f"{sae.width:,} latents, {sae.samples:,} samples, batch {sae.batch:,}, "
        f"lr {sae.learning_rate:g}{config}"
    )


def _departures(sae: Standing, world: World) -> Iterator[str]:
    if sae.width != world.width:
        yield f"width {sae.width}"
    if sae.samples != world.samples:
        yield f"{_round(sae.samples)} samples"
    if sae.batch != _USUAL_BATCH:
        yield f"batch {sae.batch}"
    if sae.learning_rate != world.learning_rate:
        yield f"lr {sae.learning_rate:g}"
    for key, value in sae.config.items():
        yield f"{key} {value}"


def _round(count: int) -> str:
    for size, sign in _UNITS:
        if count >= size:
            return f"{count / size:.3g}{sign}"
    return str(count)
