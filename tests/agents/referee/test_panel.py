import pytest

from agents.referee.answer import Answer
from agents.referee.page import overall_text, panel_page, votes_text
from agents.referee.panel import FindingShown, Overall, Panel, Subject, panel
from agents.referee.panel_spec import Member
from agents.referee.prompt import Prompt
from agents.referee.transcript import Reply, Transcript, Usage
from agents.sdk.unanswered import Problem
from harness.verdict import Verdict
from tests.agents.answers import answer_text

CLAIMS = ("first", "second")
VERDICTS = (
    Verdict(claim="first", outcome="replicated", reason="r"),
    Verdict(claim="second", outcome="not_replicated", reason="r"),
)


def transcript(name: str, answer: Answer | None) -> Transcript:
    problem = None if answer else Problem(kind="timeout", message="no response within 1 s")
    member = Member(id=name, provider="openai", model="m", max_output_tokens=1)
    reply = Reply(
        member=name,
        answer=answer,
        problem=problem,
        model=answer and "m-1",
        usage=answer and Usage(input_tokens=1234, output_tokens=None),
        seconds=1,
        attempts=1,
    )
    return Transcript(
        member=member,
        sdk="openai 3",
        dossier_digest="d",
        prompt_digest="p",
        request=Prompt(system="s", user="u", claims=CLAIMS),
        response=None,
        earlier_problems=(),
        reply=reply,
    )


def voting(name: str, overall: int, *supported: str) -> Transcript:
    made = Answer.model_validate_json(answer_text(CLAIMS, overall=overall))
    claims = tuple(
        claim.model_copy(update={"supported": vote})
        for claim, vote in zip(made.claims, supported, strict=True)
    )
    return transcript(name, made.model_copy(update={"claims": claims}))


def heard(*transcripts: Transcript, review: tuple[FindingShown, ...] = ()) -> Panel:
    return panel(Subject("replications/p/r", {}, VERDICTS, review), transcripts)


def test_three_members_agree_on_one_claim_and_split_over_the_other() -> None:
    got = heard(
        voting("a", 3, "yes", "no"), voting("b", 9, "yes", "yes"), voting("c", 4, "yes", "unclear")
    )
    first, second = got.claims
    assert (first.agreement, second.agreement) == ("unanimous", "split")
    assert votes_text(second) == "yes: b; no: a; unclear: c"
    assert got.overall == Overall(median=4, lowest=3, highest=9, count=3)


@pytest.mark.parametrize(
    ("outcome", "doubted_by"),
    [
        ("replicated", {"no", "unclear"}),
        ("partial", {"no"}),
        ("not_replicated", {"yes", "unclear"}),
        ("inconclusive", {"yes", "no"}),
    ],
)
def test_a_vote_against_a_verdict_is_a_doubt_and_leaves_it_as_it_is(
    outcome: str, doubted_by: set[str]
) -> None:
    verdict = Verdict.model_validate({"claim": "first", "outcome": outcome, "reason": "r"})
    members = [voting(name, 5, name, "yes") for name in ("yes", "no", "unclear")]
    (got,) = panel(Subject("replications/p/r", {}, [verdict], ()), members).claims
    assert {vote.member for vote in got.doubts} == doubted_by
    assert got.verdict == outcome


def test_a_member_without_an_answer_counts_in_no_vote_and_no_score() -> None:
    got = heard(voting("a", 8, "yes", "no"), transcript("silent", None))
    assert got.overall == Overall(median=8, lowest=8, highest=8, count=1)
    assert [claim.agreement for claim in got.claims] == ["one vote", "one vote"]
    assert got.valid == 1


def test_where_nobody_answered_there_is_no_score_and_no_vote() -> None:
    got = heard(transcript("a", None), transcript("b", None))
    assert (got.overall, got.valid) == (None, 0)
    assert {claim.agreement for claim in got.claims} == {"no vote"}
    assert overall_text(got) == "No score: no member gave a valid answer."
    assert "**timeout**" in panel_page(got)


def test_a_median_of_nothing_does_not_exist() -> None:
    with pytest.raises(ValueError, match="no score"):
        Overall.of([])


def test_the_page_names_doubts_objections_models_and_tokens() -> None:
    page = panel_page(heard(voting("a", 8, "no", "no"), voting("b", 9, "yes", "no")))
    assert "- first: the verdict is **replicated**; a votes **no** (confidence 0.75)" in page
    assert "- a (no, 0.75): one model only" in page
    assert "| a | m-1 | valid | 8 | 1,234 | — |" in page
    assert "Overall 8.5 of 10 (median; 8 to 9; 2 of 2 members)." in page


def test_nothing_that_a_model_or_a_submission_writes_is_markup_on_the_page() -> None:
    evil = "<script>alert(1)</script> [x](javascript:y) | `code` @someone"
    made = Answer.model_validate_json(answer_text(CLAIMS))
    claims = tuple(
        claim.model_copy(update={"strongest_objection": evil, "missing_control": evil})
        for claim in made.claims
    )
    told = made.model_copy(update={"claims": claims, "summary": evil})
    shown = FindingShown(rule=evil, severity="blocker", place=evil, message=evil)
    page = panel_page(heard(transcript("a", told), review=(shown,)))
    assert page.count("alert") == 8
    for active in ("<script", "[x]", "`code`", "@someone", " | \\`"):
        assert active not in page


def test_what_the_review_found_is_on_the_page() -> None:
    shown = FindingShown(rule="hidden-text", severity="blocker", place="p.yaml:3", message="zero")
    page = panel_page(heard(voting("a", 8, "yes", "no"), review=(shown,)))
    assert "- **blocker** hidden-text at p.yaml:3: zero" in page
    assert "review of the files" not in panel_page(heard(voting("a", 8, "yes", "no")))
