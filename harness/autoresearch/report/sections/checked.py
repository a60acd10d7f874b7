"""What baseline and winner score on seeds that no trial used, and on other tasks."""

from harness.autoresearch.ledger.event import Checked
from harness.autoresearch.report.gain import mean_of, of_test
from harness.autoresearch.report.material import Material
from harness.autoresearch.report.sections.headline import checks
from harness.autoresearch.report.wording import gain_text, score_text
from harness.report.document import Block, Heading, Paragraph, Table, cell
from harness.report.wording import counted, metric_name


def checked_section(material: Material) -> list[Block]:
    """Every metric of the sealed check, or of the last confirmation before; then other tasks."""
    found = [*checks(material, "confirm"), *checks(material, "seal")]
    return [*(_metrics(found[-1]) if found else []), *_transfers(material)]


def metric_rows(found: Checked) -> list[dict[str, str]]:
    """Every metric of a check in words, by column."""
    return [_metric(found, name) for name in found.metrics]


def _metrics(found: Checked) -> list[Block]:
    rows = metric_rows(found)
    tier = "the sealed world" if found.what == "seal" else "the gate's world"
    pairs = counted(len(found.test.seeds), "fresh pair")
    return [
        Heading(2, "Baseline against winner", "metrics"),
        Paragraph((f"All metrics on {tier}, {pairs}.",)),
        Table(tuple(rows[0]), tuple(tuple(map(cell, row.values())) for row in rows)),
    ]


def _metric(found: Checked, name: str) -> dict[str, str]:
    ours, theirs = found.metrics[name], found.baseline_metrics[name]
    paired = [one - other for one, other in zip(ours, theirs, strict=True)]
    return {
        "metric": metric_name(name),
        "baseline": score_text(mean_of(theirs)),
        "winner": score_text(mean_of(ours)),
        "paired difference, 95 % interval": gain_text(mean_of(paired)),
    }


def _transfers(material: Material) -> list[Block]:
    found = checks(material, "transfer")
    if not found:
        return []
    head = ("task", "pairs", "gain of the winner, 95 % interval")
    rows = tuple(
        (cell(each.task), cell(str(len(each.test.seeds))), cell(gain_text(of_test(each.test))))
        for each in found
    )
    return [Heading(2, "On other tasks", "transfer"), Table(head, rows)]
