"""kill -9 of the orchestrator: nothing lost, no step twice, no stored answer paid for again."""

from pathlib import Path

import pytest

from tests.agents.replicate.project import Project
from tests.agents.replicate.running import files_with_the_key, verdicts, was_killed
from tests.agents.replicate.scripts import good
from tests.agents.replicate.walking import pay, walk

ANSWERS = 3
"""That the step of the claims takes, as the script has it."""
JOURNAL = [
    *("done text", "turn_began claims", "turn_ended", "turn_held", "done claims", "done freeze"),
    *("turn_began specs", "turn_ended", "turn_held", "done specs", "done run", "done judge"),
    *("turn_began reading", "turn_ended", "turn_held", "done reading", "done review"),
    "done publish",
]
"""Of a campaign that nobody disturbs."""


def test_killed_at_every_boundary_it_ends_as_if_undisturbed(project: Project) -> None:
    walked = walk(project, good(project), "after")
    assert walked.kills == len(JOURNAL)
    told = [f"{entry['kind']} {entry.get('step', '')}".strip() for entry in walked.entries]
    assert told == JOURNAL
    assert walked.twice == []
    assert walked.ended.code == 0
    assert walked.ended.told["finished"]
    assert verdicts(project)["some-head-matches-prefixes"] == "not_replicated"


@pytest.mark.timeout(600)
def test_an_answer_that_was_stored_is_never_paid_for_again(built: Project, tmp_path: Path) -> None:
    seen = set[int]()
    for write in (12, 18, 24, 30, 36, 42):
        project = built.copy(tmp_path / str(write))
        paid = pay(project, write)
        assert was_killed(paid.killed)
        assert paid.ended.told["why"] == "paused"
        assert paid.after == ANSWERS - paid.stored, paid
        assert files_with_the_key(project) == []
        seen.add(paid.stored)
    assert len(seen) > 1, "the kills fell on one side of every answer"
