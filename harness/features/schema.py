"""Whether a file is a feature's details as Neuronpedia and circuit-tracer read them."""

import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

from harness.record import HarnessError, parse_json, read_text


def check_details(path: Path) -> None:
    """Raises `HarnessError` with every breach of the schema, and of what no schema can say:

    an example has as many activations as tokens, and its peak is one of them.
    """
    content = parse_json(read_text(path), path)
    found = [f"{where}: {problem}" for where, problem in _breaches(content)]
    if found:
        raise HarnessError("\n".join(f"{path}: {each}" for each in found))


def _breaches(content: dict[str, Any]) -> list[tuple[str, str]]:
    from jsonschema import Draft7Validator

    errors = sorted(
        Draft7Validator(_schema()).iter_errors(content), key=lambda error: str(error.json_path)
    )
    found = [(str(error.json_path), str(error.message)) for error in errors]
    return found or _mismatches(content)


def _mismatches(content: dict[str, Any]) -> list[tuple[str, str]]:
    """Examples whose lists do not fit each other."""
    found: list[tuple[str, str]] = []
    for band, quantile in enumerate(content["examples_quantiles"]):
        for number, example in enumerate(quantile["examples"]):
            where = f"$.examples_quantiles[{band}].examples[{number}]"
            tokens, activations = len(example["tokens"]), len(example["tokens_acts_list"])
            if tokens != activations:
                found.append((where, f"{tokens} tokens, but {activations} activations"))
            elif "train_token_ind" in example and example["train_token_ind"] >= tokens:
                found.append((where, f"train_token_ind is not one of the {tokens} tokens"))
    return found


@cache
def _schema() -> dict[str, Any]:
    text = files("harness.features").joinpath("feature-details.schema.json").read_text("utf-8")
    return cast("dict[str, Any]", json.loads(text))
