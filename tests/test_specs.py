import subprocess
import sys
from typing import Any

import pytest
from pydantic import ValidationError

from harness.measurement import Quantity
from harness.specs import ProbingSpec, ReplicationSpec

EXPERIMENT: dict[str, Any] = {
    "family": "probing",
    "id": "transfer",
    "model": "smollm2",
    "seeds": [0, 1],
    "probes": ["mass_mean", "ccs"],
    "train": ["cities", "cities+neg_cities"],
    "test": ["cities", "neg_cities"],
}


def probing(**changes: Any) -> ProbingSpec:
    return ProbingSpec.model_validate({**EXPERIMENT, **changes})


def test_importing_specs_claims_and_verdicts_needs_no_torch() -> None:
    imported = "import sys, harness.specs, harness.verdict; print('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", imported], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


@pytest.mark.parametrize("key", ["seeds", "train", "test", "probes", "controls"])
def test_entry_that_stands_twice_is_refused(key: str) -> None:
    values = list(getattr(probing(), key))
    with pytest.raises(ValidationError, match="an entry stands twice"):
        probing(**{key: [*values, values[0]]})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("seeds", []),
        ("seeds", [-1]),
        ("train", ["cities + neg_cities"]),
        ("train", ["../cities"]),
        ("layer", -1),
        ("layer", "best"),
        ("folds", 1),
        ("selection_fraction", 0.5),
        ("sizes", {"cities": 0}),
        ("id", "../../evil"),
        ("probes", ["sparse"]),
        ("split", "row"),
    ],
)
def test_value_that_makes_no_sense_is_refused(key: str, value: object) -> None:
    with pytest.raises(ValidationError, match=key):
        probing(**{key: value})


def test_every_set_is_read_once() -> None:
    sweep = [{"probe": "lda", "train": "logic", "test": "cities"}]
    spec = probing(sweep=sweep, angles=[["cities", "larger_than"]], pictures=["smaller_than"])
    assert spec.sets == ("cities", "neg_cities", "logic", "larger_than", "smaller_than")


def test_a_run_produces_every_cell_with_its_controls_and_ccs_only_from_pairs() -> None:
    """Three fits (mass_mean twice, CCS once) on two sets: AUROC, accuracy, one control; a layer."""
    produced = list(probing(controls=["shuffled_labels"]).produces())
    assert len(produced) == 3 * 2 * 3 + 1
    ccs = [each for each in produced if each.where.get("probe") == "ccs"]
    assert {each.where["train"] for each in ccs} == {"cities+neg_cities"}
    assert (
        Quantity(
            metric="accuracy_binary",
            where={
                "model": "smollm2",
                "split": "unit",
                "position": "last",
                "layer": "chosen",
                "probe": "mass_mean",
                "train": "cities",
                "test": "neg_cities",
            },
            control="shuffled_labels",
        )
        in produced
    )


def test_another_setting_is_another_digest() -> None:
    assert probing().digest == probing(layer="validation").digest
    assert probing().digest != probing(layer=3).digest
    assert probing(seeds=[0, 1]).digest != probing(seeds=[1, 0]).digest


def test_two_experiments_of_one_name_are_refused() -> None:
    given = {"id": "r", "paper": "p", "experiments": [EXPERIMENT, EXPERIMENT]}
    with pytest.raises(ValidationError, match="two experiments are called transfer"):
        ReplicationSpec.model_validate(given)


def test_replication_without_experiments_is_refused() -> None:
    with pytest.raises(ValidationError, match="at least 1 item"):
        ReplicationSpec.model_validate({"id": "r", "paper": "p", "experiments": []})
