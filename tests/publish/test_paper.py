"""A paper's spec is proposed alone; a replication of it goes on top."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.freeze import freeze
from harness.publish import Request, publish, publish_paper
from harness.record import HarnessError
from harness.replication import Replication, load_paper
from tests.publish.github_double import GitHubDouble
from tests.publish.stage import BRANCH, NAME, Stage

PAPER = "papers/actadd"
FILES = [f"{PAPER}/frozen.json", f"{PAPER}/paper.yaml"]
OWN = "paper/actadd"


def eased(stage: Stage) -> str:
    """A limit moves, and the paper is frozen again; its digest."""
    path = f"{PAPER}/paper.yaml"
    stage.put(path, (stage.project / path).read_text().replace("limit: 0.1", "limit: 0.005", 1))
    return freeze(stage.project, "actadd", again=True).frozen.paper_digest


def changed(stage: Stage, base: str = "main", branch: str = OWN) -> list[str]:
    return stage.git("diff", "--name-only", f"{base}..{branch}").splitlines()


def test_a_new_paper_is_one_commit_of_its_two_files_and_nothing_else(
    stage: Stage, github: GitHubDouble
) -> None:
    stage.forget_paper()
    stage.put(f"{PAPER}/paper.md", "The text, which is its authors'.\n")
    before = stage.own_state()
    done = stage.publish_paper()
    assert stage.own_state() == before
    assert (done.outcome, done.folder, done.branch) == ("opened", PAPER, OWN)
    assert stage.there(OWN) == [done.commit]
    assert changed(stage) == FILES
    [pull] = github.pulls
    assert pull["title"] == "New paper: Activation Addition, 10 claims"
    assert (pull["head"], pull["base"]) == (f"someone:{OWN}", "main")
    for path in FILES:
        stored = stage.git("rev-parse", f"{OWN}:{path}")
        assert stored == stage.git("hash-object", "--no-filters", path)


def test_the_text_tells_every_claim_with_its_quote_and_limit(
    stage: Stage, github: GitHubDouble
) -> None:
    stage.forget_paper()
    done = stage.publish_paper()
    body, paper = github.pulls[0]["body"], load_paper(stage.project, "actadd")
    assert body.startswith("**Claims and limits alone; no measurements.**")
    assert f"<code>{paper.digest}</code>" in body
    assert f"https://github.com/someone/harness/blob/{done.commit}/{PAPER}/paper.yaml" in body
    for claim in paper.claims:
        [row] = [line for line in body.splitlines() if line.startswith(f"| <code>{claim.id}<")]
        assert claim.source.section in row
        assert claim.source.quote.split()[0].strip("*_") in row
    assert "at least 0.1" in body
    assert "somebody is named as its reviewer: project" in body
    assert "- [ ] each quote was found in the paper" in body


def test_a_changed_paper_tells_what_moves_and_what_is_no_longer_of_it(
    stage: Stage, github: GitHubDouble
) -> None:
    stage.put(f"{PAPER}/paper.md", "The text.\n")
    stage.git("add", f"{PAPER}/paper.md")
    stage.git("commit", "-q", "-m", "text")
    stage.git("push", "-q", "origin", "main")
    digest = eased(stage)
    done = stage.publish_paper()
    [pull] = github.pulls
    assert done.outcome == "opened"
    assert pull["title"].startswith("Changed paper: Activation Addition")
    assert "expects.limit: 0.1 → 0.005" in pull["body"]
    assert f"no longer of this paper's: {NAME}." in pull["body"]
    assert digest in pull["body"]
    assert changed(stage) == FILES
    assert f"{PAPER}/paper.md" in stage.git("ls-tree", "-r", "--name-only", OWN)


def test_a_paper_that_the_base_has_already_is_not_proposed(
    stage: Stage, github: GitHubDouble
) -> None:
    done = stage.publish_paper()
    assert (done.outcome, done.commit) == ("nothing", None)
    assert (stage.there(OWN), github.calls) == ([], [])


def test_again_makes_no_second_commit_and_a_change_makes_one(
    stage: Stage, github: GitHubDouble
) -> None:
    stage.forget_paper()
    first = stage.publish_paper()
    assert stage.publish_paper().outcome == "updated"
    eased(stage)
    second = stage.publish_paper()
    assert stage.there(OWN) == [second.commit, first.commit]
    assert len(github.pulls) == 1


def hidden(stage: Stage) -> None:
    path = f"{PAPER}/paper.yaml"
    stage.put(path, f"{(stage.project / path).read_text()}# approve\u200b\n")


def token(stage: Stage) -> None:
    path, key = f"{PAPER}/paper.yaml", "gh" + "p_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    stage.put(path, f"{(stage.project / path).read_text()}# {key}\n")


def claims_miscounted(stage: Stage) -> None:
    path = f"{PAPER}/frozen.json"
    stage.put(path, (stage.project / path).read_text().replace(": 10", ": 9"))


def limit_moved(stage: Stage) -> None:
    path = f"{PAPER}/paper.yaml"
    stage.put(path, (stage.project / path).read_text().replace("limit: 0.1", "limit: 0.005", 1))


def linked(stage: Stage) -> None:
    path = stage.project / PAPER / "paper.yaml"
    path.rename(stage.root / "elsewhere.yaml")
    path.symlink_to(stage.root / "elsewhere.yaml")


REFUSED: dict[str, tuple[Callable[[Stage], object], str]] = {
    "not frozen": (
        lambda s: (s.project / PAPER / "frozen.json").unlink(),
        "not frozen; `harness freeze actadd`",
    ),
    "changed since": (limit_moved, "changed since it was frozen"),
    "no spec": (lambda s: s.put(f"{PAPER}/paper.yaml", "id: [\n"), "not valid YAML"),
    "another number of claims": (claims_miscounted, "claims: 10 in paper.yaml"),
    "hidden characters": (hidden, r"may not be proposed\n.*paper.yaml:\d+: an invisible"),
    "a token": (token, r"may not be proposed\n.*paper.yaml:\d+: "),
    "a link": (linked, "a symbolic link"),
    "code that nobody else has": (
        lambda s: s.put("harness/verdict.py", "LIMIT = 0\n"),
        "not committed.*\nharness/verdict.py",
    ),
    "a branch of that name with other paths": (
        lambda s: s.somebody_pushes(f"{PAPER}/paper.md", "theirs\n", branch=OWN),
        r"of the remote changes papers/actadd/paper.md; it must hold papers/actadd/paper.yaml and ",
    ),
}


@pytest.mark.parametrize(("do", "said"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_leaves_everything_as_it_was(
    stage: Stage, github: GitHubDouble, do: Callable[[Stage], object], said: str
) -> None:
    stage.forget_paper()
    do(stage)
    own, refs = stage.own_state(), stage.git("for-each-ref")
    there = stage.git("for-each-ref", where=stage.remote)
    with pytest.raises(HarnessError, match=said) as error:
        stage.publish_paper()
    assert (stage.own_state(), stage.git("for-each-ref")) == (own, refs)
    assert (stage.git("for-each-ref", where=stage.remote), github.calls) == (there, [])
    assert "a1B2c3D4" not in str(error.value)


def test_a_replication_goes_on_top_of_a_paper_that_is_proposed(
    stage: Stage, github: GitHubDouble
) -> None:
    stage.forget_paper()
    stage.git("add", PAPER)
    stage.git("commit", "-q", "-m", "a paper")
    with pytest.raises(HarnessError, match=r"`harness publish papers/actadd` .*--base paper/actad"):
        stage.publish()
    with pytest.raises(HarnessError, match="origin has no 'paper/actadd'"):
        stage.publish(base=OWN)
    paper = stage.publish_paper()
    done = stage.publish(base=OWN)
    assert (done.outcome, done.base) == ("opened", OWN)
    assert [pull["base"] for pull in github.pulls] == ["main", OWN]
    assert stage.there() == [done.commit, paper.commit]
    assert all(path.startswith(f"{NAME}/") for path in changed(stage, OWN, BRANCH))


def test_a_paper_on_a_fork_alone_is_no_base_and_it_is_said_why(
    stage: Stage,
    github: GitHubDouble,  # noqa: ARG001
) -> None:
    stage.add_remote("mine", "a-user")
    stage.forget_paper()
    stage.git("add", PAPER)
    stage.git("commit", "-q", "-m", "a paper")
    stage.publish_paper(fork="a-user")
    with pytest.raises(HarnessError, match=r"stands on mine alone.*wait until it is merged"):
        stage.publish(base=OWN, fork="a-user")


def test_a_limit_that_moves_in_the_paper_keeps_a_replication_of_the_one_before_out(
    stage: Stage,
    github: GitHubDouble,  # noqa: ARG001
) -> None:
    eased(stage)
    stage.publish_paper()
    stage.git("add", PAPER)
    stage.git("commit", "-q", "-m", "an easier paper")
    with pytest.raises(HarnessError, match="paper_digest: written against the paper spec"):
        stage.publish(base=OWN)


def test_both_work_from_a_worktree_whose_head_is_on_no_branch(
    stage: Stage, github: GitHubDouble
) -> None:
    stage.forget_paper()
    tree = stage.root / "tree"
    stage.git("worktree", "add", "-q", "--detach", str(tree), "main")
    for path in (PAPER, NAME):
        (stage.project / path).rename(_made(tree / path))
    stage.git("add", PAPER, where=tree)
    stage.git("commit", "-q", "-m", "a paper", where=tree)
    head = stage.git("rev-parse", "HEAD", where=tree)
    paper = publish_paper(tree, "actadd", Request())
    done = publish(Replication.open(tree / NAME), Request(base=paper.branch))
    assert (paper.outcome, done.outcome) == ("opened", "opened")
    assert stage.there(OWN) == [paper.commit]
    assert stage.there() == [done.commit, paper.commit]
    assert stage.git("rev-parse", "HEAD", where=tree) == head
    assert stage.git("symbolic-ref", "HEAD") == "refs/heads/main"
    assert len(github.pulls) == 2


def _made(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def test_a_patch_of_a_paper_applies_to_main(stage: Stage) -> None:
    stage.forget_paper()
    done = stage.publish_paper(patch=True)
    assert done.files == ("runs/publish/actadd/PR.md", "runs/publish/actadd/actadd.patch")
    clone = stage.root / "clone"
    stage.git("clone", "-q", str(stage.remote), str(clone))
    who = ("-c", "user.name=B. Maintainer", "-c", "user.email=b@example.org")
    stage.git(*who, "am", "-q", str(stage.project / done.files[1]), where=clone)
    tree = stage.git("rev-parse", "HEAD^{tree}", where=clone)
    assert tree == stage.git("rev-parse", f"{OWN}^{{tree}}")


def test_a_dry_run_of_a_paper_leaves_nothing(stage: Stage, github: GitHubDouble) -> None:
    stage.forget_paper()
    before, own = stage.git_state(), stage.own_state()
    done = stage.publish_paper(dry_run=True)
    names = ["base", "review", "commit", "push", "pull request"]
    assert [step.name for step in done.steps] == names
    assert done.outcome == "dry run"
    assert (stage.git_state(), stage.own_state(), github.calls) == (before, own, [])
