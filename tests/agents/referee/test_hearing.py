import hashlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from agents.referee.dossier import dossier
from agents.referee.hearing import hear
from agents.referee.panel import Panel
from agents.referee.panel_spec import Member, PanelSpec
from agents.referee.transcript import Transcript
from harness.record import HarnessError
from harness.replication import Replication
from harness.review.finding import Finding
from tests.agents.answers import answer_text
from tests.agents.conftest import KEY
from tests.agents.model_server import ModelServer, Step

PROVIDERS = {"a": "anthropic", "b": "openai", "c": "openai_compatible"}


class Court:
    """A replication, a server, and a panel of three providers on it."""

    def __init__(self, replication: Replication, server: ModelServer, panel: PanelSpec) -> None:
        self.replication, self.server, self.panel = replication, server, panel
        self.claims = dossier(replication, [], characters=200_000).claims
        self.output = replication.project / "out"
        self.told: list[tuple[str, int, int]] = []

    def says(self, **steps: Step) -> None:
        self.server.steps.update({name: [step] for name, step in steps.items()})

    def good(self, *, overall: int = 6, supported: str = "yes") -> Step:
        return Step(answer_text(self.claims, overall=overall, supported=supported))

    def hear(
        self,
        *,
        again: bool = False,
        findings: Sequence[Finding] = (),
        output: Path | None = None,
        panel: PanelSpec | None = None,
    ) -> Panel:
        def progress(step: str, done: int, total: int) -> None:
            self.told.append((step, done, total))

        return hear(
            self.replication,
            panel or self.panel,
            findings,
            output or self.output,
            again=again,
            progress=progress,
        )

    def state(self) -> dict[str, str]:
        return digests(self.replication.root)


def digests(folder: Path) -> dict[str, str]:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {path.as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture
def court(
    replication: Replication,
    server: ModelServer,
    seat: Callable[..., Member],
    panel_of: Callable[..., PanelSpec],
) -> Court:
    members = [seat(name, provider) for name, provider in PROVIDERS.items()]
    return Court(replication, server, panel_of(*members))


def test_three_providers_answer_and_their_votes_are_put_together(court: Court) -> None:
    court.says(a=court.good(overall=3), b=court.good(overall=7, supported="no"))
    court.says(c=court.good(overall=8))
    got = court.hear()
    assert [reply.member for reply in got.replies] == ["a", "b", "c"]
    assert got.overall is not None
    assert (got.overall.median, got.overall.lowest, got.overall.highest) == (7, 3, 8)
    assert {claim.agreement for claim in got.claims} == {"split"}
    assert [claim.claim for claim in got.claims] == list(court.claims)
    assert got.sdks["a"].startswith("anthropic ")


def test_the_result_is_stored_as_it_is_returned_with_a_page_and_a_transcript_each(
    court: Court,
) -> None:
    court.says(a=court.good(), b=court.good(), c=Step("no JSON"))
    got = court.hear()
    assert Panel.load(court.output / "panel.json") == got
    stored = sorted(path.relative_to(court.output).as_posix() for path in court.output.rglob("*.*"))
    transcripts = [f"transcripts/{name}.json" for name in "abc"]
    assert stored == ["panel.json", "panel.md", *transcripts]
    kept = Transcript.load(court.output / "transcripts/c.json")
    assert kept.response is not None
    assert "no JSON" in kept.response
    assert kept.request.user in court.server.asked("c")[0]["messages"][1]["content"]


def test_no_file_of_the_replication_changes_and_none_is_added(court: Court) -> None:
    before, verdicts = court.state(), court.replication.verdicts()
    court.says(**dict.fromkeys("abc", court.good(overall=1, supported="no")))
    got = court.hear()
    assert any(vote.doubts_verdict for claim in got.claims for vote in claim.votes)
    assert court.state() == before
    assert court.replication.verdicts() == verdicts


def test_an_output_inside_of_the_replication_is_refused(court: Court) -> None:
    before = court.state()
    with pytest.raises(HarnessError, match="inside the replication"):
        court.hear(output=court.replication.root / "sub/../opinions")
    assert court.state() == before
    assert court.server.requests == []


def test_no_key_is_in_any_file(court: Court) -> None:
    court.says(a=court.good(), b=Step(status=401, body=f'{{"error": {{"message": "{KEY}"}}}}'))
    court.says(c=court.good())
    court.hear()
    written = [path.read_text() for path in court.output.rglob("*.*")]
    assert len(written) == 5
    assert not any(KEY in text for text in written)
    sent = [headers for _, headers, _ in court.server.requests]
    assert sum(KEY in str(headers) for headers in sent) == 2


def test_one_member_that_fails_costs_the_others_nothing(court: Court) -> None:
    court.says(a=court.good(overall=4), b=Step(status=401, body="{}"), c=court.good(overall=4))
    got = court.hear()
    assert [reply.status for reply in got.replies] == ["valid", "authentication", "valid"]
    assert got.overall is not None
    assert (got.overall.median, got.overall.count) == (4, 2)


def test_a_second_run_asks_only_who_has_not_answered(court: Court) -> None:
    court.says(a=court.good(), b=Step("no JSON"), c=court.good())
    court.hear()
    court.says(b=court.good(overall=9))
    court.told.clear()
    got = court.hear()
    assert [len(court.server.asked(name)) for name in "abc"] == [1, 2, 1]
    assert [reply.status for reply in got.replies] == ["valid"] * 3
    assert court.told == [("a", 1, 1), ("b", 0, 1), ("c", 1, 1), ("b", 1, 1)]


def test_a_run_with_nothing_left_to_ask_needs_no_key(
    court: Court, monkeypatch: pytest.MonkeyPatch
) -> None:
    court.says(**dict.fromkeys("abc", court.good()))
    first = court.hear()
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    monkeypatch.delenv("OPENAI_API_KEY")
    assert court.hear() == first
    assert len(court.server.requests) == 3


def test_everybody_is_asked_again_where_that_is_wanted(court: Court) -> None:
    court.says(**dict.fromkeys("abc", court.good()))
    court.hear()
    court.says(**dict.fromkeys("abc", court.good(overall=2)))
    got = court.hear(again=True)
    assert got.overall is not None
    assert (got.overall.median, len(court.server.requests)) == (2, 6)


def test_an_answer_to_another_dossier_or_of_another_model_does_not_count(court: Court) -> None:
    court.says(**dict.fromkeys("abc", court.good()))
    court.hear()
    found = Finding(rule="r", axis="safety", severity="note", path="p", message="m")
    court.hear(findings=[found])
    assert len(court.server.requests) == 6
    moved = court.panel.members[0].model_copy(update={"model": "newer"})
    members = (moved, *court.panel.members[1:])
    court.says(newer=court.good())
    court.hear(findings=[found], panel=court.panel.model_copy(update={"members": members}))
    assert len(court.server.requests) == 7
    assert court.server.requests[-1][2]["model"] == "newer"


def test_a_damaged_transcript_is_named(court: Court) -> None:
    court.says(**dict.fromkeys("abc", court.good()))
    court.hear()
    (court.output / "transcripts/a.json").write_text("{")
    with pytest.raises(HarnessError, match=r"transcripts/a\.json:1: not valid JSON"):
        court.hear()
    assert court.hear(again=True).valid == 3


def test_members_are_asked_at_the_same_time(court: Court) -> None:
    """The server answers nobody before all three have asked."""
    court.says(**dict.fromkeys("abc", court.good()._replace(manner="together")))
    assert [reply.status for reply in court.hear().replies] == ["valid"] * 3


def test_where_everybody_is_silent_there_is_no_score(court: Court) -> None:
    court.says(**dict.fromkeys("abc", Step(manner="silent")))
    got = court.hear(panel=court.panel.model_copy(update={"deadline_seconds": 0.5}))
    assert {reply.status for reply in got.replies} == {"timeout"}
    assert (got.overall, got.valid) == (None, 0)


def test_being_stopped_ends_at_once_and_keeps_the_answers_that_came(court: Court) -> None:
    court.says(a=court.good(), b=Step(manner="silent"))
    members = court.panel.members[:2]
    court.panel.model_copy(update={"members": members}).dump(court.output / "panel-of-two.json")
    text = (
        "import sys; from pathlib import Path; from agents.referee.hearing import hear\n"
        "from agents.referee.panel_spec import PanelSpec\n"
        "from harness.replication import Replication\n"
        "root, output = map(Path, sys.argv[1:])\n"
        "spec = PanelSpec.load(output / 'panel-of-two.json')\n"
        "hear(Replication.open(root), spec, [], output, again=False, progress=lambda *_: None)\n"
    )
    paths = (str(court.replication.root), str(court.output))
    stored = court.output / "transcripts/a.json"
    with subprocess.Popen([sys.executable, "-c", text, *paths], stderr=subprocess.PIPE) as running:
        for _ in range(400):
            if stored.exists() and court.server.asked("b"):
                break
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        begin = time.monotonic()
        _, told = running.communicate(timeout=20)
    assert time.monotonic() - begin < 5
    assert told.decode().rstrip().endswith("KeyboardInterrupt")
    assert Transcript.load(stored).reply.status == "valid"
    assert not (court.output / "panel.json").exists()


def test_a_fault_of_ours_in_one_member_is_not_hidden(
    court: Court, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise AssertionError("planted")

    court.says(**dict.fromkeys("abc", court.good()))
    monkeypatch.setattr("agents.referee.asking.parse_answer", broken)
    with pytest.raises(AssertionError, match="planted"):
        court.hear()


def test_what_the_review_found_is_told_to_referees_and_shown(court: Court) -> None:
    found = Finding(
        rule="hidden-text", axis="safety", severity="blocker", path="p.yaml", line=2, message="m"
    )
    court.says(**dict.fromkeys("abc", court.good()))
    got = court.hear(findings=[found])
    assert [(each.rule, each.place) for each in got.review] == [("hidden-text", "p.yaml:2")]
    assert "hidden-text" in court.server.asked("a")[0]["messages"][0]["content"]
