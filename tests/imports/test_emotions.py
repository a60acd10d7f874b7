import json
from pathlib import Path
from typing import Any

import pytest

from harness.check import check
from harness.imports import import_replications
from harness.imports.git_source import GitSource
from harness.replication import Replication
from harness.run import run
from tests.imports.planted import METADATA, MODELS, project, repository

ID = "emotions-someone-tiny"
CONFIG = f"config/papers/emotions/replications/{ID}"
RIGHT = [[2 * (true == said) for said in range(15)] for true in range(15)]
JUDGED = {
    "emotion_probe_classification": "probe_accuracy",
    "emotion_generalization": "diagonal_dominance",
    "representation_geometry_valence": "valence_correlation",
    "parametric_intensity": "rank_correlation",
}
METRICS: dict[str, dict[str, Any]] = {
    "emotion_probe_classification": {
        "probe_accuracy": 1.0,
        "best_layer": 3,
        "n_stimuli_total": 30,
        "confusion_matrix": RIGHT,
    },
    "emotion_generalization": {
        "diagonal_dominance": 1,
        "test_accuracy": 1.0,
        "confusion_matrix": RIGHT,
    },
    "representation_geometry_valence": {
        "valence_correlation": 0.9,
        "n_clusters": 5,
        "explained_variance": [0.4, 0.2],
        "pc_correlations": {
            "PC1": {"valence_r": -0.9, "arousal_r": 0.1},
            "PC2": {"valence_r": 0.1, "arousal_r": 0.7},
        },
    },
    "parametric_intensity": {
        "rank_correlation": 0.9,
        "per_template_correlations": {"tylenol_dosage": {"afraid": 0.8, "calm": 1.0}},
    },
}
SPEARMAN = {
    "correlation_type": "spearman",
    "expected_directions": {"afraid": "increasing", "calm": "decreasing"},
}
PAIRS = [{"per_concept": {"afraid": {"delta": place - 2}}} for place in range(10)]


@pytest.fixture
def opened(tmp_path: Path, harness_cache: Path) -> Replication:
    """A model that the recipe has never heard of, with the files that every model has."""
    claims = "".join(
        f"  - {{id: {claim}, success_metric: {metric}, success_threshold: 0.5}}\n"
        for claim, metric in JUDGED.items()
    )
    contents = {
        "config/models.yaml": MODELS,
        f"{CONFIG}/metadata.yaml": METADATA,
        f"{CONFIG}/paper_config.yaml": f"claims:\n{claims}",
        f"results/emotions/{ID}/tiny/severity_pairs.json": json.dumps(
            {"model_key": "tiny", "per_pair": PAIRS}
        ),
    }
    for claim, metrics in METRICS.items():
        content = {"claim_id": claim, "model_key": "tiny", "metrics": metrics, "success": True}
        path = f"results/emotions/{ID}/tiny/{claim}/result.json"
        contents[path] = json.dumps({**content, "metadata": SPEARMAN})
    assert not harness_cache.exists()
    here = project(tmp_path / "project")
    source = GitSource.open(repository(tmp_path / "theirs", contents))
    (found,) = import_replications(here, source)
    return Replication.open(found.root)


def test_a_replication_of_another_model_is_taken_as_far_as_it_goes(opened: Replication) -> None:
    check(opened)
    run(opened, device="cpu")
    rows = {
        (row.metric, *(row.conditions.get(key) for key in ("test", "rating", "emotion"))): row
        for row in opened.measurements()
    }
    values = {key: row.value for key, row in rows.items() if key[0] != "pc_variance_share"}
    assert values == {
        ("emotion_accuracy", "stories", None, None): 1,
        ("emotion_accuracy", "implicit_scenarios", None, None): 1,
        ("pc_rating_correlation", None, "valence", None): 0.9,
        ("pc_rating_correlation", None, "arousal", None): 0.1,
        ("emotion_clusters", None, None, None): 5,
        ("intensity_rank_correlation", None, None, "afraid"): 0.8,
        ("intensity_rank_correlation", None, None, "calm"): -1,
        ("danger_preferred", None, None, "afraid"): 0.7,
    }
    assert rows["emotion_accuracy", "stories", None, None].conditions["at_layer"] == 3


def test_calm_that_falls_is_stored_as_a_rise_and_turned_back(opened: Replication) -> None:
    run(opened, device="cpu")
    outcomes = {each.claim: each.outcome for each in opened.verdicts()}
    assert outcomes["valence-on-first-component"] == "replicated"
    assert outcomes["calm-falls-with-dose"] == "inconclusive"  # its control was not measured
    assert outcomes["stories-beyond-words"] == "not_tested"
    assert outcomes["preference-follows-valence"] == "not_tested"
