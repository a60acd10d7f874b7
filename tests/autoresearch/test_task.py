from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from harness.autoresearch.task import (
    TASKS,
    SyntheticSource,
    Task,
    load_task,
    shipped_tasks,
)
from harness.models.registry import resolve
from harness.record import HarnessError
from harness.specs.sae_bench import SAE_METRICS
from harness.specs.worlds import resolve_world

OF_ACTIVATIONS = {"sae_variance_explained", "sae_l0", "dead_latent_fraction"}


@pytest.mark.parametrize("name", shipped_tasks())
def test_a_shipped_task_holds_together(name: str) -> None:
    task = load_task(name)
    assert task.id == name
    assert task.contract.learning_rate.low < task.contract.learning_rate.high
    source = task.source
    metrics = set(SAE_METRICS) if isinstance(source, SyntheticSource) else OF_ACTIVATIONS
    assert {task.metric, *(each.metric for each in task.guardrails)} <= metrics
    if isinstance(source, SyntheticSource):
        world = resolve_world(source.world)
        sizes = world.width, world.samples, float(world.l0)
        contract = task.contract
        assert (contract.width, contract.samples, contract.target_l0) == sizes
        assert world.learning_rate in contract.learning_rate
        three_saes = 3 * 2 * world.width * world.hidden_dim
        assert contract.parameters == pytest.approx(three_saes, rel=0.03)
    else:
        assert resolve(source.model).id == source.model


def test_transfer_is_to_another_world_at_the_same_contract() -> None:
    one, other = load_task("synthsae-1k-f1"), load_task("synthsae-transfer-f1")
    assert one.source != other.source
    for name in ("width", "samples", "l0", "target_l0", "learning_rate", "seconds"):
        assert getattr(one.contract, name) == getattr(other.contract, name), name
    assert (one.metric, one.guardrails, one.keep) == (other.metric, other.guardrails, other.keep)


def test_a_task_is_found_by_its_name_or_by_its_file(tmp_path: Path) -> None:
    own = tmp_path / "mine.yaml"
    own.write_text((TASKS / "synthsae-1k-f1.yaml").read_text().replace("trials: 120", "trials: 3"))
    assert load_task(str(own)).budget.trials == 3
    assert load_task("synthsae-1k-f1").budget.trials == 120
    with pytest.raises(HarnessError, match="did you mean 'synthsae-1k-f1'"):
        load_task("synthsae-1k-f")
    with pytest.raises(HarnessError, match="cannot be read"):
        load_task(str(tmp_path / "none.yaml"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"contract": {"target_l0": 9}}, "target_l0: 9.0 lies outside of l0"),
        ({"contract": {"l0": {"low": 6, "high": 5}}}, "low: 6.0 is above high, 5.0"),
        ({"keep": {"looks": [3, 3, 8]}}, "looks: rising numbers"),
        ({"keep": {"looks": [2, 5]}}, "looks: rising numbers"),
        ({"source": {"world": "synthsae-1m"}}, "world 'synthsae-1m' is unknown"),
    ],
)
def test_what_contradicts_itself_is_refused(changes: dict[str, Any], said: str) -> None:
    given = load_task("synthsae-1k-f1").model_dump()
    for name, inner in changes.items():
        given[name] = {**given[name], **inner}
    with pytest.raises((HarnessError, ValidationError), match=said):
        Task.model_validate(given)


def test_both_ends_of_a_band_belong_to_it() -> None:
    band = load_task("synthsae-1k-f1").contract.l0
    assert 4.5 in band and 5.5 in band
    assert 4.4999 not in band and 5.5001 not in band
