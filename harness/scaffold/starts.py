"""A small first experiment of each family: what its spec requires, and nothing more than helps."""

from typing import get_args

from harness.data.catalogue import KNOWN_SETS
from harness.metrics import METRICS
from harness.models.registry import DEFAULT_MODEL, resolve
from harness.problems import did_you_mean
from harness.record import HarnessError
from harness.specs import Experiment, ExperimentSpec
from harness.specs.circuit_tracing import fitting
from harness.specs.sae_bench import ARCHITECTURES
from harness.specs.transcoders import RECIPES
from harness.specs.worlds import resolve_world

TO_WRITE = "TODO"
"""A value that begins so is refused wherever the spec is read."""


def families() -> dict[str, type[Experiment]]:
    """Family → its spec, in the order of the union."""
    found: dict[str, type[Experiment]] = {}
    for spec in get_args(ExperimentSpec):
        (name,) = get_args(spec.model_fields["family"].annotation)
        found[name] = spec
    return found


def family_spec(name: str) -> type[Experiment]:
    """The spec of a family. Raises `HarnessError` with the families there are."""
    known = families()
    if name not in known:
        raise HarnessError(f"family {name!r} is unknown{did_you_mean(name, list(known))}")
    return known[name]


def model_id(family: str, ref: str | None) -> str:
    """The name of a model, or of a world where the family asks for one; the smallest by default.

    Raises `HarnessError` with the valid names.
    """
    match family:
        case "sae_bench":
            return resolve_world(ref or "synthsae-1k").id
        case "circuit_tracing":
            return resolve(ref or "capitals-4l").id
        case _:
            return resolve(ref or DEFAULT_MODEL).id


def start(family: str, model: str) -> dict[str, object]:
    """Keys of one experiment: shared ones, what the family requires, and sizes for minutes."""
    shared: dict[str, object] = {
        "family": family,
        "id": family.replace("_", "-"),
        "model": model,
        "seeds": [0, 1, 2],
    }
    return shared | _own(family, model)


def notes(family: str) -> dict[str, str]:
    """What a key may be where the type alone does not say it."""
    match family:
        case "probing":
            sets = f"Sets: {', '.join(KNOWN_SETS)}"
            return {"train": f"{sets}; several joined by `+`.", "test": f"{sets}."}
        case "sae_bench":
            world = "Here a synthetic world: `harness models` lists them."
            return {"model": world, "architectures": f"Names: {', '.join(ARCHITECTURES)}."}
        case "circuit_tracing":
            recipes = ", ".join(f"{each.id} (of {each.model})" for each in RECIPES.values())
            return {"transcoders": f"Recipes: {recipes}."}
        case "imported":
            return {"numbers": f"Metrics: {', '.join(METRICS)}."}
        case _:
            return {}


def _own(family: str, model: str) -> dict[str, object]:
    match family:
        case "probing":
            return {
                "probes": ["mass_mean", "logistic_regression"],
                "train": ["cities", "cities+neg_cities"],
                "test": ["cities", "neg_cities"],
            }
        case "attention":
            return {"sequences": 20}
        case "patching":
            return {
                "heads": {"name_movers": {"by": "direct_effect", "top": 3}},
                "knockouts": ["name_movers"],
            }
        case "steering":
            task = {"kind": "choices", "behaviours": ["optimism"], "answer": "text"}
            return {"task": task, "layer_step": 6}
        case "sae_bench":
            return _world(model)
        case "circuit_tracing":
            return _transcoders(model)
        case "imported":
            return _imported()
        case _:
            raise AssertionError(family)


def _world(name: str) -> dict[str, object]:
    world = resolve_world(name)
    return {
        "architectures": ["batchtopk", "standard"],
        "width": world.width,
        "samples": world.samples,
        "learning_rate": world.learning_rate,
        "eval_samples": 200_000,
    }


def _transcoders(model: str) -> dict[str, object]:
    own = fitting(model)
    steps = "two_step" if model == "capitals-4l" else "one_step"
    name = own[0].id if own else f"{TO_WRITE} hf:ORG/NAME or path:DIRECTORY of a set for {model}"
    return {"transcoders": name, "task": {"kind": "facts", "steps": steps, "prompts": 24}}


def _imported() -> dict[str, object]:
    number = {
        "file": f"{TO_WRITE} path in the repository",
        "sha256": f"{TO_WRITE} of the file",
        "reading": {"kind": "accuracy", "at": f"{TO_WRITE} /key/of/the/number", "n": TO_WRITE},
        "metric": f"{TO_WRITE} a metric of the harness",
        "where": {},
        "seed": 0,
    }
    return {
        "repository": f"{TO_WRITE} https://github.com/OWNER/NAME",
        "commit": f"{TO_WRITE} 40 hexadecimal digits",
        "numbers": [number],
    }
