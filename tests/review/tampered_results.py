"""Tampering with results: limits, rows, verdicts, and the report that shows them."""

from tests.review.desk import FROZEN, PAPER, ROWS
from tests.review.tampers import (
    Case,
    appended,
    both,
    copied_control,
    copied_seed,
    csv_number,
    drawn_anew,
    frozen_anew,
    notebook_cell,
    other_digest,
    removed,
    repacked,
    replaced,
    row,
    rows,
    stated,
    swapped_figure,
    swapped_model,
    verdict,
    within,
)

_SVG, _MD, _HTML, _YAML = "figures/forest.svg", "report.md", "report.html", "replication.yaml"
_COMMAS = {"set": "short", "positions": "commas"}
_EVERYWHERE = {"set": "short", "positions": "all"}
_QUARTER = repacked(lambda n: [1.0] * round(0.26 * n) + [0.0] * (n - round(0.26 * n)))
_RAISED = repacked(lambda n: [0.2 + 0.001 * i for i in range(n)])

RESULTS: tuple[Case, ...] = (
    Case("limit moved", replaced(PAPER, "limit: 0.05", "limit: 0.02"), "limit-moved", PAPER),
    Case(
        "control dropped",
        replaced(PAPER, "controls: [random_direction]", "controls: []"),
        "limit-moved",
        PAPER,
    ),
    Case(
        "claim removed from the paper",
        replaced(PAPER, "id: commas-carry-sentiment", "id: commas"),
        "limit-moved",
        PAPER,
    ),
    Case(
        "limit moved, frozen again, judged and reported by",
        drawn_anew(frozen_anew(replaced(PAPER, "limit: 0.05", "limit: 0.02"))),
        "frozen-changed",
        FROZEN,
    ),
    Case(
        "the same, seen from the replication",
        frozen_anew(replaced(PAPER, "limit: 0.05", "limit: 0.02")),
        "paper-spec",
        _YAML,
    ),
    Case("freeze of the paper undone", removed(FROZEN), "frozen-changed", FROZEN),
    Case("written against another paper spec", other_digest, "paper-spec", _YAML),
    Case("value edited", row("sign_flips", stated(value=0.9), set="toy"), "schema", ROWS),
    Case(
        "value edited within the reader's tolerance",
        lambda desk: desk.replace(within(ROWS), '"value":0.6225,', '"value":0.622505,'),
        "value-differs",
        ROWS,
    ),
    Case(
        "row edited with its scores packed anew",
        row("logit_difference_recovered", _RAISED, **_COMMAS),
        "verdict-differs",
        "verdicts.json",
    ),
    Case(
        "the same, and the verdict as well",
        both(
            row("logit_difference_recovered", _RAISED, **_COMMAS),
            verdict("commas-carry-sentiment", "outcome", "replicated"),
        ),
        "report-differs",
        _MD,
    ),
    Case(
        "a seed withheld",
        rows(lambda given: [row for row in given if row["seed"] != 2]),
        "withheld",
        ROWS,
    ),
    Case(
        "one row withheld",
        rows(
            lambda given: [
                row
                for row in given
                if (row["metric"], row["seed"], row["conditions"].get("positions"))
                != ("sign_flips", 1, "commas")
            ]
        ),
        "withheld",
        ROWS,
    ),
    Case(
        "scores of one row withheld",
        drawn_anew(row("accuracy_kept", stated(items=None), seed=1, **_COMMAS)),
        "items-withheld",
        ROWS,
    ),
    Case(
        "verdict edited",
        verdict("commas-carry-sentiment", "outcome", "replicated"),
        "verdict-differs",
        "verdicts.json",
    ),
    Case(
        "reason edited",
        verdict("commas-carry-sentiment", "reason", "clearly so"),
        "verdict-differs",
        "verdicts.json",
    ),
    Case(
        "verdict left out",
        verdict("commas-carry-sentiment", "claim", "commas"),
        "verdict-differs",
        "verdicts.json",
    ),
    Case("number changed in the report", replaced(_MD, "0.024", "0.074"), "report-differs", _MD),
    Case(
        "sentence added to the report", appended(_MD, "\nAll claims hold.\n"), "report-differs", _MD
    ),
    Case("page edited", replaced(_HTML, "not replicated", "replicated"), "report-differs", _HTML),
    Case("number changed in a table", csv_number, "report-differs", "tables/estimates.csv"),
    Case("figure swapped", swapped_figure, "figure-differs", "figures/forest.png"),
    Case("drawing edited", replaced(_SVG, "M 177", "M 377"), "figure-differs", _SVG),
    Case("code in the notebook", notebook_cell, "executable-differs", "replication.ipynb"),
    Case(
        "explorer entry edited",
        replaced("explorer.json", "not_replicated", "replicated"),
        "report-differs",
        "explorer.json",
    ),
    Case("seed copied from another", drawn_anew(rows(copied_seed)), "copied-seed", ROWS),
    Case(
        "control copied from the real thing",
        drawn_anew(rows(copied_control)),
        "copied-control",
        ROWS,
    ),
    Case("row repeated", rows(lambda given: [*given, given[-1]]), "duplicate-row", ROWS),
    Case(
        "accuracy 0.26 called success",
        both(
            row("answer_preferred", _QUARTER, set="short"),
            verdict("causal-in-longer-reviews", "outcome", "replicated"),
        ),
        "verdict-differs",
        "verdicts.json",
    ),
    Case(
        "accuracy that no count gives",
        drawn_anew(row("accuracy_kept", stated(value=0.9, stderr=0.02, items=None), **_EVERYWHERE)),
        "impossible-value",
        ROWS,
    ),
    Case(
        "standard error that no scores give",
        drawn_anew(row("accuracy_kept", stated(stderr=0.4, items=None), **_EVERYWHERE)),
        "impossible-stderr",
        ROWS,
    ),
    Case(
        "standard error made small",
        drawn_anew(row("above_chance_lost", stated(stderr=0.001), **_EVERYWHERE)),
        "stderr-differs",
        ROWS,
    ),
    Case("model swapped, digests computed anew", swapped_model, "undeclared", _YAML),
    Case(
        "spec edited after the run",
        replaced(_YAML, "seeds: [0, 1, 2]", "seeds: [0, 1]"),
        "stale-rows",
        ROWS,
    ),
    Case(
        "manifest removed",
        lambda desk: (desk.folder / "manifest.json").unlink(),
        "manifest-missing",
        "manifest.json",
    ),
    Case(
        "rows of another spec added",
        lambda desk: desk.put_rows(desk.rows()[:3], "measurements/direction.00000000.jsonl"),
        "stale-rows",
        "measurements/direction.00000000.jsonl",
    ),
    Case(
        "damaged JSON",
        replaced("verdicts.json", '"verdicts": [', '"verdicts": [' + "{"),
        "schema",
        "verdicts.json",
    ),
)
