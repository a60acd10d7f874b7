"""A paper of few claims and replications of it whose rows are written by hand."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from harness.measurement import Items, Measurement
from harness.replication import Replication

PAPER = """\
id: planted
title: "Planted numbers: a paper"
authors: [A. Author]
year: 2024
url: https://example.org/planted
setup: {models: ["hf:someone/paper-model"], data: generated}
claims:
  - id: high
    statement: Accuracy on a is high.
    source: &source {section: "1", status: read, quote: "as printed"}
    scope: general
    expects: {kind: bound, side: at_least, limit: 0.6, quantity: &a {metric: accuracy_binary, where: {test: a}}}
  - id: ordered
    statement: a is above b, and b above c.
    source: *source
    scope: general
    expects:
      kind: ordering
      descending:
        - *a
        - {metric: accuracy_binary, where: {test: b}}
        - {metric: accuracy_binary, where: {test: c}}
  - id: rising
    statement: The angle rises with the layer.
    source: *source
    scope: general
    expects:
      kind: trend
      quantity: {metric: direction_angle, where: {}}
      along: layer
      at: [1, 2, 4]
      direction: increasing
  - id: seven
    statement: Accuracy on d is 0.7.
    source: *source
    scope: exact
    expects:
      kind: value
      target: 0.7
      tolerance: 0.02
      tolerance_from: two digits
      quantity: {metric: accuracy_binary, where: {test: d}}
  - id: tabled
    statement: The table comes out.
    source: *source
    scope: general
    expects: {kind: table, table: t, tolerance: 0.05, tolerance_from: two digits, cells: 0.8}
tables:
  - id: t
    title: Accuracies
    source: *source
    metric: accuracy_binary
    rows: {one: {}}
    columns: {a: {test: a}, b: {test: b}, c: {test: c}, d: {test: d}, e: {test: e}}
    values: {one: [0.9, 0.8, 0.5, 0.7, 0.6]}
"""  # noqa: E501

SPEC = """\
id: {id}
paper: {paper}
experiments:
  - {{family: probing, id: probe, model: {model}, seeds: [0], probes: [mass_mean], sizes: {{cities: 48}}, train: [cities], test: [cities]}}
"""  # noqa: E501

Scores = Mapping[str, Sequence[Sequence[float]]]
"""By test set: one list of 0/1 scores a seed."""


def planted(
    project: Path,
    name: str,
    rows: Sequence[Measurement],
    *,
    model: str = "smollm2-135m-instruct",
    paper: str = PAPER,
) -> Replication:
    """A replication on disk with these rows; the paper spec is written beside it."""
    paper_id = paper.split("\n", 1)[0].removeprefix("id: ")
    root = project / "replications" / paper_id / name
    paper_file = project / "papers" / paper_id / "paper.yaml"
    for file, text in (
        (paper_file, paper),
        (root / "replication.yaml", SPEC.format(id=name, paper=paper_id, model=model)),
    ):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    replication = Replication.open(root)
    rows_file = replication.measurements_file(replication.spec.experiments[0])
    rows_file.parent.mkdir(exist_ok=True)
    rows_file.write_text("".join(row.model_dump_json(exclude_none=True) + "\n" for row in rows))
    return replication


def accuracies(scores: Scores, *, units: str) -> list[Measurement]:
    """Rows with the score of every unit; `units` names the set of units."""
    return [
        Measurement(
            experiment="probe",
            metric="accuracy_binary",
            value=float(np.mean(each)),
            n=len(each),
            seed=seed,
            conditions={"test": test},
            items=Items.pack(units, each),
        )
        for test, seeds in scores.items()
        for seed, each in enumerate(seeds)
    ]


def angles(slope: float) -> list[Measurement]:
    """Angles that rise by `slope` degrees a layer, each with a standard error of 1."""
    return [
        Measurement(
            experiment="probe",
            metric="direction_angle",
            value=40 + slope * layer,
            stderr=1.0,
            n=200,
            seed=0,
            conditions={"layer": layer},
        )
        for layer in (1, 2, 4)
    ]


def drawn(rng: np.random.Generator, p: float, units: int) -> list[list[float]]:
    """One seed of 0/1 scores."""
    return [(rng.random(units) < p).astype(float).tolist()]
