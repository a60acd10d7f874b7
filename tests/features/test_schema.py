import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.features.corpus import Corpus
from harness.features.details import FeatureDetails
from harness.features.schema import check_details
from harness.record import HarnessError
from tests.features.conftest import ON_Q, SILENT


@pytest.fixture
def content(look: Callable[..., list[FeatureDetails]], corpus: Corpus) -> dict[str, Any]:
    return json.loads(look(corpus, ON_Q)[0].to_json())


@pytest.mark.parametrize("feature", [ON_Q, SILENT])
def test_what_is_written_has_no_fault(
    look: Callable[..., list[FeatureDetails]], corpus: Corpus, feature: int, tmp_path: Path
) -> None:
    (found,) = look(corpus, feature)
    found.write(tmp_path / "1.json")
    check_details(tmp_path / "1.json")


def test_what_is_written_is_read_by_circuit_tracer(content: dict[str, Any]) -> None:
    tracer = pytest.importorskip("circuit_tracer.frontend.feature_models")
    read = tracer.Model.model_validate(content)
    assert read.transcoder_id == "planted/layer_0"


def _without(key: str) -> Callable[[dict[str, Any]], object]:
    return lambda content: content.pop(key)


def _first(content: dict[str, Any]) -> dict[str, Any]:
    return content["examples_quantiles"][0]["examples"][0]


FAULTS: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "no index": (_without("index"), "'index' is a required property"),
    "no examples": (_without("examples_quantiles"), "'examples_quantiles' is a required"),
    "no tokens": (lambda c: _first(c).pop("tokens"), r"examples\[0\]: 'tokens' is a required"),
    "text": (lambda c: _first(c).update(tokens_acts_list=["high"]), "'high' is not of type"),
    "unknown extreme": (lambda c: c.update(act_max=None), "None is not of type 'number'"),
    "share above 1": (lambda c: c.update(frac_nonzero=1.5), "1.5 is greater than"),
    "too few": (lambda c: _first(c)["tokens_acts_list"].pop(), "tokens, but"),
    "peak outside": (lambda c: _first(c).update(train_token_ind=99), "not one of the"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_named_with_file_and_place(
    content: dict[str, Any], fault: str, tmp_path: Path
) -> None:
    plant, said = FAULTS[fault]
    path = tmp_path / "1.json"
    path.write_text(json.dumps(content))
    check_details(path)
    plant(content)
    path.write_text(json.dumps(content))
    with pytest.raises(HarnessError, match=said) as caught:
        check_details(path)
    assert str(caught.value).startswith(f"{path}: $")
