import shutil
from typing import Any

import pytest

from harness.claims_audit import Audit, audit
from harness.record import HarnessError

TEXT = "<!-- page 2 -->\nProbes reach 95 on cities, and it is so\nfor numbers too, as was shown.\n"
QUOTES = {
    'quote: "95"': 'quote: "Probes reach 95 on cities"',
    'quote: "20"': 'quote: "Probes reach 95 on cities"',
    'quote: "95 against 20"': 'quote: "it is so for numbers too"',
    'quote: "numbers too"': 'quote: "for numbers too, as was shown"',
}


@pytest.fixture
def quoted(project: Any) -> Any:
    """A project whose paper quotes whole sentences of `TEXT`."""
    for old, new in QUOTES.items():
        project.edit(old, new, paper=True)
    return project


def covered(audited: Audit) -> dict[str, list[str]]:
    return {each.claim: [one.how for one in each.covered] for each in audited.claims}


def test_quotes_are_found_on_their_pages_and_claims_in_their_experiments(quoted: Any) -> None:
    audited = audit(quoted.root, "tiny-truth", TEXT)
    assert [(each.quote, each.page, each.line) for each in audited.claims] == [
        *[("found", 2, 2)] * 4,
        ("found", 2, 3),
    ]
    assert covered(audited) == {
        "truth-linear": ["judged"],
        "negation-flips": ["judged"],
        "both-repairs": ["judged"],
        "exact-number": ["shown"],
        "nobody-measures": ["untested"],
    }
    first, *_, last = audited.claims
    assert first.covered[0].experiments == ("transfer",)
    assert last.covered[0].reason == "numbers are not part of this replication"
    assert audited.no_experiment == ("nobody-measures",)
    assert audited.unaccounted == ()
    assert audited.holds


def test_a_quote_of_what_is_not_there_does_not_hold(quoted: Any) -> None:
    audited = audit(quoted.root, "tiny-truth", TEXT.replace("numbers too", "numbers"))
    assert [each.quote for each in audited.claims][2:] == ["not_found", "found", "not_found"]
    assert not audited.holds


def test_without_a_text_no_quote_is_looked_up(project: Any) -> None:
    audited = audit(project.root, "tiny-truth", None)
    assert {each.quote for each in audited.claims} == {"no_text"}
    assert audited.holds
    assert not audit(project.root, "tiny-truth", TEXT).holds


def test_what_was_not_read_is_not_looked_up(quoted: Any) -> None:
    quoted.edit("status: read", "status: secondary", paper=True)
    audited = audit(quoted.root, "tiny-truth", "Nothing of it.")
    assert {each.quote for each in audited.claims} == {"not_checked"}
    assert audited.holds


def test_a_claim_with_neither_an_experiment_nor_a_reason_is_listed(quoted: Any) -> None:
    quoted.edit("untested:\n  nobody-measures: numbers are not part of this replication\n", "")
    audited = audit(quoted.root, "tiny-truth", TEXT)
    assert audited.no_experiment == audited.unaccounted == ("nobody-measures",)
    assert not audited.holds


def test_a_reason_in_another_replication_is_enough(quoted: Any) -> None:
    other = quoted.folder.with_name("other")
    shutil.copytree(quoted.folder, other)
    spec = (other / "replication.yaml").read_text()
    (other / "replication.yaml").write_text(spec.replace("id: tiny\n", "id: other\n"))
    quoted.edit("untested:\n  nobody-measures: numbers are not part of this replication\n", "")
    audited = audit(quoted.root, "tiny-truth", TEXT)
    assert covered(audited)["nobody-measures"] == ["untested", "nothing"]
    assert [each.replication for each in audited.claims[-1].covered] == ["other", "tiny"]
    assert audited.holds


def test_an_exact_number_that_nobody_measures_is_listed_with_its_set_up(quoted: Any) -> None:
    number = "target: 0.95\n      tolerance: 0.02\n      tolerance_from: two printed digits\n"
    quantity = "      quantity: {metric: accuracy_binary, where: {layer: chosen, "
    here, elsewhere = f"{number}{quantity}", f"{number}{quantity}other: 1, "
    quoted.edit(here, elsewhere, paper=True)
    audited = audit(quoted.root, "tiny-truth", TEXT)
    assert covered(audited)["exact-number"] == ["not_applicable"]
    assert audited.no_experiment == ("exact-number", "nobody-measures")
    assert audited.unaccounted == ()


def test_experiments_that_are_not_judged_measure_nothing(quoted: Any) -> None:
    quoted.edit("    id: transfer\n", "    id: transfer\n    judged: false\n")
    audited = audit(quoted.root, "tiny-truth", TEXT)
    assert audited.unaccounted == ("truth-linear", "negation-flips", "both-repairs")


def test_a_paper_without_replications_has_no_experiments(quoted: Any) -> None:
    shutil.rmtree(quoted.root / "replications")
    audited = audit(quoted.root, "tiny-truth", TEXT)
    assert len(audited.no_experiment) == len(audited.unaccounted) == 5
    assert not audited.holds


def test_a_replication_that_cannot_be_read_is_named_and_counts_for_nothing(quoted: Any) -> None:
    quoted.edit("experiments:", "experimnts:")
    audited = audit(quoted.root, "tiny-truth", TEXT)
    assert list(audited.unread) == ["tiny"]
    assert str(quoted.root) not in audited.unread["tiny"]
    assert len(audited.unaccounted) == 5


def test_an_unknown_paper_is_named(project: Any) -> None:
    with pytest.raises(HarnessError, match="did you mean 'tiny-truth'"):
        audit(project.root, "tiny-trut", None)
