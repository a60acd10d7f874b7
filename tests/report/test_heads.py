from harness.measurement import Measurement
from harness.report.document import Table
from harness.report.material import Material
from harness.report.sections.heads import heads_section


def found(heads: str, rank: int, layer: int, head: int, seed: int = 0) -> Measurement:
    return Measurement(
        experiment="circuit",
        metric="found_layer",
        value=layer,
        n=48,
        seed=seed,
        conditions={"model": "m", "heads": heads, "rank": rank, "head": head},
    )


def test_heads_are_listed_by_class_and_seed_strongest_first(material: Material) -> None:
    rows = [
        found("name_movers", 1, 23, 3),
        found("name_movers", 2, 29, 1),
        found("induction", 1, 17, 4),
        found("name_movers", 1, 23, 0, seed=1),
    ]
    given = Material(material.paper, material.spec, rows, material.verdicts)
    (table,) = [block for block in heads_section(given) if isinstance(block, Table)]
    shown = [(row[0].lines[0][0], row[2].lines[0][0], row[3].lines[0][0]) for row in table.rows]
    assert shown == [
        ("name movers", "0", "23.3, 29.1"),
        ("induction", "0", "17.4"),
        ("name movers", "1", "23.0"),
    ]


def test_a_replication_without_heads_has_no_such_section(material: Material) -> None:
    assert heads_section(material) == []
