"""Faults of a stage, each of which keeps it from being published, and what the error says."""

import json
from collections.abc import Callable
from typing import NamedTuple

from harness.freeze import freeze
from harness.replication import Replication
from harness.run import write_verdicts
from tests.publish.stage import NAME, Stage


class Tamper(NamedTuple):
    """A fault."""

    do: Callable[[Stage], object]
    message: str
    """A regular expression."""


def verdict_turned(stage: Stage) -> None:
    path = stage.folder / "verdicts.json"
    path.write_text(path.read_text().replace('"not_replicated"', '"replicated"', 1))


def limit_eased(stage: Stage) -> None:
    """Frozen and committed here, judged anew, and not agreed on: another limit, another verdict."""
    path = "papers/actadd/paper.yaml"
    text = (stage.project / path).read_text()
    assert "limit: 0.1" in text
    before_digest = Replication.open(stage.folder).paper.digest
    stage.put(path, text.replace("limit: 0.1", "limit: 0.005", 1))
    after = freeze(stage.project, "actadd", again=True).frozen.paper_digest
    stage.git("commit", "-q", "-m", "easier", "papers/actadd")
    spec = (stage.folder / "replication.yaml").read_text()
    stage.put(f"{NAME}/replication.yaml", spec.replace(before_digest, after))
    before = (stage.folder / "verdicts.json").read_bytes()
    write_verdicts(Replication.open(stage.folder))
    assert (stage.folder / "verdicts.json").read_bytes() != before


def measurements_gone(stage: Stage) -> None:
    for path in stage.folder.glob("measurements/*"):
        path.unlink()


def token_in_a_file(stage: Stage) -> None:
    key = "gh" + "p_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    path = stage.folder / "replication.yaml"
    path.write_text(f"{path.read_text()}# {key}\n")


def rows_altered(stage: Stage) -> None:
    """Numbers and verdicts fit each other, and the report is of the numbers before."""
    [path] = stage.folder.glob("measurements/*.jsonl")
    lines = path.read_text().splitlines()
    first = json.loads(lines[0])
    first["value"] = first["value"] / 2 + 0.001
    path.write_text("\n".join((json.dumps(first), *lines[1:])) + "\n")


PUSH_URL = ("remote", "set-url", "--push", "origin", "https://github.com/a/b")
UNREADY = {
    "a limit eased and committed, frozen as before": Tamper(
        lambda s: (
            s.put(
                "papers/actadd/paper.yaml",
                (s.project / "papers/actadd/paper.yaml").read_text().replace("0.1", "0.005", 1),
            ),
            s.git("commit", "-q", "-m", "easier", "papers/actadd"),
        ),
        "papers/actadd/paper.yaml: changed since it was frozen.*harness freeze actadd --again",
    ),
    "harness/ has changes": Tamper(
        lambda s: s.put("harness/verdict.py", "LIMIT = 0.4\n"), "not committed.*harness/verdict"
    ),
    "papers/ has a new file": Tamper(
        lambda s: s.put("papers/new/paper.yaml", "id: new\n"), "not committed.*papers/new/paper"
    ),
    "a verdict edited": Tamper(verdict_turned, "verdicts.json: not what the measurements give"),
    "no measurements": Tamper(measurements_gone, "no measurements; `harness run"),
    "no verdicts": Tamper(
        lambda s: (s.folder / "verdicts.json").unlink(), "not here; `harness judge"
    ),
    "no report": Tamper(
        lambda s: (s.folder / "report.md").unlink(), "report.md: not here; `harness report"
    ),
    "a symbolic link": Tamper(
        lambda s: (s.folder / "notes.md").symlink_to("/etc/passwd"), "a symbolic link"
    ),
    "git knows no e-mail address": Tamper(
        lambda s: s.git("config", "--unset", "user.email"), "user.name, user.email: git does not"
    ),
    "the remote is called otherwise": Tamper(
        lambda s: s.git("remote", "rename", "origin", "upstream"), "no remote 'origin'.*upstream"
    ),
    "no remote": Tamper(lambda s: s.git("remote", "remove", "origin"), "git remote add NAME URL"),
    "pushes go elsewhere": Tamper(
        lambda s: s.git(*PUSH_URL), "pushes elsewhere than it fetches from"
    ),
    "a limit eased, committed, judged by": Tamper(
        limit_eased, "papers/actadd/paper.yaml: another than the base branch's"
    ),
}
"""What is seen without a review."""
BLOCKED = {
    "a file of 6 MB": Tamper(
        lambda s: s.put(f"{NAME}/figures/big.png", b"\x89PNG" + bytes(6 << 20)), "figures/big.png"
    ),
    "a token in a file": Tamper(token_in_a_file, "replication.yaml:"),
    "a pickle": Tamper(
        lambda s: s.put(f"{NAME}/artifacts/model.pkl", b"\x80\x04N."), "artifacts/model.pkl"
    ),
    "a measurement altered": Tamper(rows_altered, "tables/estimates.csv:"),
}
"""Blockers of the review; the message is the beginning of a place in the folder."""
TAMPERS = UNREADY | BLOCKED
