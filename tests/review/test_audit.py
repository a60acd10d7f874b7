import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.review import all_rules, audit, review_folder
from harness.review.finding import Finding
from harness.review.opened import Opened
from harness.review.submission import Blob, Submission
from tests.review.planted import NAME, PROJECT, honest

RECORDS = (
    "replication.yaml",
    "manifest.json",
    "verdicts.json",
    "measurements/topics.e2267535.jsonl",
)
Damage = Callable[[bytes], bytes]
DAMAGES: dict[str, Damage] = {
    "empty": lambda _: b"",
    "cut": lambda content: content[: len(content) // 2],
    "no UTF-8": lambda content: content[:50] + b"\xff\xfe" + content[50:],
    "NUL": lambda content: content[:50] + b"\0" + content[50:],
    "other": lambda _: b"[1, 2, {]",
    "deep": lambda _: b"[" * 5000,
    "deep keys": lambda _: b'{"a":' * 5000 + b"1" + b"}" * 5000,
    "long number": lambda content: content.replace(b"0", b"9" * 6000, 1),
    "surrogate": lambda _: b'{"id": "\\ud800", "paper": "\\udfff"}',
    "not finite": lambda content: re.sub(rb'(: |":)-?\d[\d.]*', rb"\g<1>1e999", content, count=1),
    "tag": lambda _: b"a: !!timestamp 2024-99-99\nb: !!int x\n? [1]\n: {}\n",
    "list": lambda _: b"[]\n",
    "text": lambda _: b"\xef\xbb\xbfhello",
}


def with_file(name: str, content: bytes) -> Submission:
    given = replace(honest(NAME), paper_is_new=False)
    return replace(given, files={**given.files, name: Blob("file", content)})


@pytest.fixture
def without_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports are not drawn, which takes a second each."""
    quick = tuple(rule for rule in all_rules.ON_RECORDS if rule.__name__ != "rendering")
    monkeypatch.setattr(all_rules, "ON_RECORDS", quick)


@pytest.mark.parametrize(
    "name",
    [
        "replications/actadd/smollm2-135m-instruct",
        "replications/caa/smollm2-135m-instruct",
        "replications/sentiment/smollm2-135m-instruct",
    ],
)
def test_a_committed_replication_passes(name: str) -> None:
    review = review_folder(PROJECT / name)
    assert [each for each in review.findings if each.severity == "blocker"] == []
    assert review.passes
    assert 0 not in review.scores.values()
    assert sum(review.verdicts.values()) > 5


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", RECORDS)
@pytest.mark.usefixtures("without_drawing")
def test_a_damaged_file_of_records_is_a_blocker_and_never_a_crash(name: str, damage: str) -> None:
    review = audit(with_file(name, DAMAGES[damage](honest(NAME).files[name].content)))
    blockers = [each for each in review.findings if each.severity == "blocker"]
    assert any(each.path.startswith(f"{NAME}/{name}") for each in blockers)
    assert not any("/tmp" in each.message or "review-" in each.message for each in blockers)
    assert review.model_dump_json()


@pytest.mark.parametrize("damage", ["empty", "cut", "no UTF-8", "deep"])
def test_a_damaged_report_is_a_blocker_for_each_of_its_files(damage: str) -> None:
    given = replace(honest(NAME), paper_is_new=False)
    report = [name for name in given.files if name not in RECORDS]
    files = {
        name: blob if name in RECORDS else Blob("file", DAMAGES[damage](blob.content))
        for name, blob in given.files.items()
    }
    review = audit(replace(given, files=files))
    found = {each.path.removeprefix(f"{NAME}/") for each in review.findings}
    assert set(report) <= found
    assert not review.passes


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(name=st.sampled_from(RECORDS), data=st.data())
@pytest.mark.usefixtures("without_drawing")
def test_any_bytes_in_place_of_any_of_a_record_s_never_crash_a_review(
    name: str, data: st.DataObject
) -> None:
    content = honest(NAME).files[name].content
    start = data.draw(st.integers(0, min(len(content), 3000)))
    length = data.draw(st.integers(0, 40))
    inserted = data.draw(st.binary(max_size=40))
    changed = content[:start] + inserted + content[start + length :]
    review = audit(with_file(name, changed))
    assert review.model_dump_json()


@pytest.mark.parametrize(
    "text", ["", "[", "id: [", "\ud800", "a: &a [*a]", "claims: " + "[" * 3000]
)
def test_a_paper_that_cannot_be_read_is_a_blocker(text: str) -> None:
    review = audit(replace(honest(NAME), paper=text))
    assert not review.passes
    assert any(each.path == "papers/actadd/paper.yaml" for each in review.findings)


@pytest.mark.parametrize(
    "name",
    ["replications/actadd/../..", "replications/actadd", "/etc/x/y", "replications/a/b/c", ""],
)
def test_a_name_that_is_none_of_a_replication_writes_nothing_outside(name: str) -> None:
    review = audit(replace(honest(NAME), name=name))
    assert not review.passes
    assert any(each.rule == "schema" for each in review.findings)


def test_a_folder_of_another_id_is_told() -> None:
    review = audit(replace(honest(NAME), name="replications/actadd/another", paper_is_new=False))
    [found] = [each for each in review.findings if each.rule == "schema"]
    assert found.path == "replications/actadd/another/replication.yaml"
    assert "belong in a folder actadd/smollm2-135m-instruct" in found.message


def test_axes_that_nothing_looked_at_have_no_score() -> None:
    review = audit(with_file("replication.yaml", b"id: ["))
    assert review.scores["integrity"] == 0
    assert review.scores["judgement"] is None
    assert review.verdicts == {}


def test_a_rule_that_breaks_is_a_blocker_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def breaks(opened: Opened) -> Iterator[Finding]:
        yield Finding(
            rule="first", axis="safety", severity="note", path="x", message=opened.submission.name
        )
        raise RuntimeError("planted")

    rules = (breaks, *(r for r in all_rules.ON_RECORDS if r.__name__ != "rendering"))
    monkeypatch.setattr(all_rules, "ON_RECORDS", rules)
    review = audit(replace(honest(NAME), paper_is_new=False))
    assert [
        (each.rule, each.message) for each in review.findings if each.severity == "blocker"
    ] == [("unchecked", "breaks cannot be checked: RuntimeError")]
    assert {"first", "untested"} <= {each.rule for each in review.findings}
