"""From two YAML files to a report, on a model that runs in a second."""

import pytest

from harness.check import check
from harness.report import write_report
from harness.run import run, write_verdicts
from tests.conftest import Project

PAPER = """\
id: tiny-truth
title: Steering in a tiny model
authors: [A. Author]
year: 2024
url: https://example.org/steering
setup: {models: [m], data: generated}
claims:
  - id: topic-raised
    statement: The vector raises the topic.
    source: {section: s, status: read, quote: q}
    scope: general
    expects:
      kind: ordering
      descending:
        - {metric: behaviour_rate, where: {topic: weddings, layer: chosen, coefficient: 2.0}}
        - {metric: behaviour_rate, where: {topic: weddings, layer: chosen, coefficient: 0.0}}
    controls: [random_direction]
"""

REPLICATION = """\
id: tiny
paper: tiny-truth
experiments:
  - family: steering
    id: topics
    model: "@MODEL@"
    seeds: [0, 1]
    task: {kind: topics, topics: [weddings], prompts: 8, tokens: 2}
    coefficients: [0.0, 2.0]
    neutral_texts: 2
deviations:
  - {what: model, paper: m, here: "@MODEL@", why: it runs in a second}
"""


@pytest.fixture
def steering(project: Project) -> Project:
    project.paper_file.write_text(PAPER)
    project.spec_file.write_text(REPLICATION.replace("@MODEL@", f"path:{project.model}"))
    return project


def test_a_steering_replication_is_checked_run_judged_and_reported(steering: Project) -> None:
    check(steering.open())
    run(steering.open(), device="cpu")
    assert steering.open().failures() == []
    (verdict,) = write_verdicts(steering.open()).verdicts
    assert verdict.outcome == "inconclusive", "a random model speaks of nothing"
    write_report(steering.open())
    assert (steering.folder / "figures/dose_response.topics.png").is_file()
    assert "Dose and response" in (steering.folder / "report.md").read_text()


def test_a_claim_about_another_topic_is_refused_before_anything_runs(steering: Project) -> None:
    steering.edit("topic: weddings, layer", "topic: cooking, layer", paper=True)
    with pytest.raises(ValueError, match="topic=cooking: measured are weddings"):
        check(steering.open())
