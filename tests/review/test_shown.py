from harness.rerun import Compared
from harness.review.finding import Axis, Finding, Severity
from harness.review.outcome import Review, Spot, by_gravity
from harness.review.rubric import AXES, scores
from harness.review.shown import hints, markdown


def finding(
    severity: Severity,
    *,
    rule: str = "rule",
    axis: Axis = "safety",
    path: str = "replications/a/b/report.md",
    line: int | None = None,
    message: str = "what is wrong",
) -> Finding:
    return Finding(rule=rule, axis=axis, severity=severity, path=path, line=line, message=message)


def review(*findings: Finding, spots: tuple[Spot, ...] = ()) -> Review:
    return Review(
        name="replications/a/b",
        commit="1" * 40,
        base="2" * 40,
        findings=by_gravity(findings),
        scores=scores(findings, AXES),
        verdicts={"replicated": 3, "not_replicated": 1},
        spots=spots,
    )


def test_a_blocker_gives_zero_on_its_axis_alone() -> None:
    scored = scores([finding("blocker", axis="evidence")], AXES)
    assert scored["evidence"] == 0
    assert {score for axis, score in scored.items() if axis != "evidence"} == {10}


def test_each_kind_of_warning_costs_two_points_down_to_one() -> None:
    twice = [finding("warning"), finding("warning", path="elsewhere")]
    assert scores(twice, AXES)["safety"] == 8
    kinds = [finding("warning", rule=f"rule-{n}") for n in range(7)]
    assert scores(kinds[:3], AXES)["safety"] == 4
    assert scores(kinds, AXES)["safety"] == 1
    assert scores([finding("note")], AXES)["safety"] == 10


def test_an_axis_that_was_not_looked_at_has_no_score_but_for_a_blocker() -> None:
    scored = scores([finding("blocker", axis="judgement")], ["safety"])
    assert scored["safety"] == 10
    assert scored["judgement"] == 0
    assert scored["evidence"] is None


def test_only_blockers_keep_a_submission_out() -> None:
    assert review(finding("warning"), finding("note")).passes
    assert not review(finding("note"), finding("blocker")).passes


def test_findings_stand_once_and_the_gravest_first() -> None:
    given = [finding("note"), finding("warning", line=9), finding("warning", line=2)]
    ordered = by_gravity([*given, *given, finding("blocker")])
    assert [(each.severity, each.line) for each in ordered] == [
        ("blocker", None),
        ("warning", 2),
        ("warning", 9),
        ("note", None),
    ]


def test_markdown_quotes_nothing_that_acts() -> None:
    hostile = "x | y\n# big <img src=x onerror=y> [a](javascript:b) `c` @someone"
    text = markdown(review(finding("blocker", path=hostile, message=hostile, rule=hostile)))
    assert "<img" not in text
    assert "@someone" not in text
    assert "[a](" not in text.replace("\\[a\\](", "")
    [row] = [line for line in text.splitlines() if line.startswith("| blocker")]
    assert row.replace("\\|", "").count("|") == 5


def test_markdown_says_outcome_scores_verdicts_and_place() -> None:
    text = markdown(review(finding("blocker", line=7), finding("warning")))
    assert text.startswith(
        "## ❌ replications/a/b: does not pass; 1 blocker, 1 warning and 0 notes"
    )
    assert "| 10 | 10 | 10 | 10 | 0 | 10 |" in text
    assert "3 replicated, 1 not\\_replicated" in text
    assert "replications/a/b/report.md:7" in text
    assert markdown(review()).startswith("## ✅ replications/a/b: passes")


def test_a_review_of_very_many_findings_fits_a_comment() -> None:
    many = [finding("blocker", line=n, message="long " * 60) for n in range(3000)]
    assert len(markdown(review(*many))) < 65_536


def test_what_was_run_again_and_what_was_not_is_said() -> None:
    again = Compared(
        name="topics rate", committed=0.5, low=0.4, high=0.6, again=0.9, outcome="outside"
    )
    ran = Spot(experiment="topics", seed=1, chosen=(again,), rows=60, off=(again,))
    skipped = Spot(experiment="other", seed=0, skipped="took 80 minutes")
    text = markdown(review(spots=(ran, skipped)))
    assert "Run again: topics, seed 1; 60 rows, 1 off" in text
    assert "topics rate: 0.5 → 0.9" in text
    assert "Not run again: other, seed 0: took 80 minutes" in text


def test_a_report_that_has_grown_old_is_told_how_it_is_mended() -> None:
    assert hints(review(finding("blocker"))) == []
    [hint] = hints(review(finding("blocker", rule="report-differs")))
    assert "harness report replications/a/b" in hint
    [hint] = hints(review(finding("blocker", rule="paper-digest")))
    assert "harness judge replications/a/b" in hint
