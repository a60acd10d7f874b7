import json
import shutil
from pathlib import Path

import pytest

from harness.check import check
from harness.imports import Imported, import_replications
from harness.imports.git_source import GitSource
from harness.imports.recipe import recipes
from harness.record import HarnessError
from harness.replication import Replication
from harness.run import run, write_verdicts
from tests.imports.planted import (
    CONFIG,
    METADATA,
    MODELS,
    REPOSITORY,
    RESULTS,
    commit,
    files,
    project,
    repository,
    result,
)

NEG = f"{RESULTS}/truth_probe_generalization_neg_cities/result.json"


@pytest.fixture
def here(tmp_path: Path, harness_cache: Path) -> Path:
    assert not harness_cache.exists()
    return project(tmp_path / "project")


def take(here: Path, contents: dict[str, str], *, dry_run: bool = False) -> list[Imported]:
    source = GitSource.open(repository(here.parent / "theirs", contents))
    return import_replications(here, source, dry_run=dry_run)


def everything(folder: Path) -> set[str]:
    """Files below, but those of the repository that is imported."""
    found = (path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix() for path in found}
    return {name for name in names if not name.startswith(("theirs/", "project/papers/"))}


def test_an_import_is_judged_by_what_was_counted(here: Path) -> None:
    (found,) = take(here, files())
    assert (found.root.name, found.status, found.numbers) == ("some-one-tiny-1b", "new", 4)
    opened = Replication.open(found.root)
    assert opened.spec.authors == ("Some One (@some-one)",)
    check(opened)
    run(opened, device="cpu")
    rows = {row.conditions["test"]: (row.value, row.n) for row in opened.measurements()}
    assert rows == {
        "cities": (pytest.approx(0.99), 200),
        "neg_cities": (pytest.approx(0.26), 100),
        "larger_than": (0.5, 100),
        "sp_en_trans": (pytest.approx(0.58), 100),
    }
    verdicts = {each.claim: each for each in write_verdicts(opened).verdicts}
    assert verdicts["negation-flips-lr"].outcome == "inconclusive"
    assert "not measured" in verdicts["negation-flips-lr"].reason
    assert "replicated" not in {each.outcome for each in verdicts.values()}
    theirs = {number.where["test"]: number.said for number in opened.spec.experiments[0].numbers}  # type: ignore[union-attr]
    said = theirs["neg_cities"]
    assert said is not None
    assert (said.metric, said.value, said.threshold, said.success) == (
        *("diagonal_dominance", 0.5, 0.5),
        True,
    )


def test_the_files_are_named_by_commit_and_lie_in_the_cache(here: Path) -> None:
    (found,) = take(here, files())
    (experiment,) = Replication.open(found.root).spec.experiments
    assert experiment.family == "imported"
    assert experiment.repository == REPOSITORY
    assert experiment.commit == commit(here.parent / "theirs", "rev-parse", "HEAD")
    shutil.rmtree(here.parent / "theirs")
    run(Replication.open(found.root), device="cpu")
    assert len(Replication.open(found.root).measurements()) == 4


def test_a_second_import_changes_nothing_and_keeps_what_was_edited(here: Path) -> None:
    (found,) = take(here, files())
    spec = found.root / "replication.yaml"
    before = spec.read_bytes()
    source = GitSource.open(here.parent / "theirs")
    assert [each.status for each in import_replications(here, source)] == ["same"]
    assert spec.read_bytes() == before
    spec.write_text(spec.read_text().replace("their choice", "our reason"))
    assert [each.status for each in import_replications(here, source)] == ["kept"]
    assert "our reason" in spec.read_text()


def test_a_dry_run_writes_nothing(here: Path) -> None:
    (found,) = take(here, files(), dry_run=True)
    assert (found.status, found.numbers) == ("new", 4)
    assert everything(here.parent) == set()


def test_a_git_directory_does_as_well_as_a_checkout(here: Path) -> None:
    repository(here.parent / "theirs", files())
    commit(here.parent / "theirs", "clone", "--quiet", "--bare", ".", "bare.git")
    with pytest.raises(HarnessError, match="give --repository https"):
        GitSource.open(here.parent / "theirs/bare.git")
    source = GitSource.open(here.parent / "theirs/bare.git", f"{REPOSITORY}.git")
    assert source.repository == REPOSITORY
    (found,) = import_replications(here, source)
    assert found.numbers == 4


def test_uncommitted_changes_are_not_taken(here: Path) -> None:
    root = repository(here.parent / "theirs", files())
    (root / NEG).write_text("{}")
    (found,) = import_replications(here, GitSource.open(root))
    assert found.numbers == 4


def hostile(change: dict[str, str | None]) -> dict[str, str]:
    contents: dict[str, str | None] = {**files(), **change}
    return {name: text for name, text in contents.items() if text is not None}


CLAIM = "truth_probe_generalization_neg_cities"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({NEG: None}, f"no plain file {NEG}"),
        ({NEG: '{"metrics": {"confusion_matrix": [[NaN]]}}'}, "holds NaN"),
        ({NEG: "[" * 9000}, "not valid JSON"),
        ({NEG: json.dumps({**result(CLAIM, [[1]]), "model_key": "../../evil"})}, "'../../evil'"),
        ({NEG: json.dumps(result("truth_probe_generalization_../../evil", [[1]]))}, "neg_cities"),
        ({NEG: json.dumps(result(CLAIM, [[1]], diagonal_dominance="1"))}, "expected a number"),
        (
            {NEG: json.dumps({**result(CLAIM, [[1]], diagonal_dominance=1), "success": 1})},
            "/success",
        ),
        (
            {f"{RESULTS}/truth_probe_cities/result.json": json.dumps(result("x", [[1]]))},
            "/claim_id: expected 'truth_probe_cities', not 'x'",
        ),
        ({f"{CONFIG}/metadata.yaml": METADATA.replace("some-one", "../evil")}, "no GitHub handle"),
        (
            {f"{CONFIG}/metadata.yaml": METADATA.replace("[tiny]", "[../tiny]")},
            "not in config/models",
        ),
        ({f"{CONFIG}/metadata.yaml": METADATA.replace("Some One", '"a\\nb"')}, "a line of text"),
        (
            {f"{CONFIG}/metadata.yaml": "!!python/object/apply:os.system [touch evil]"},
            "not valid YAML",
        ),
        ({"config/models.yaml": MODELS.replace("org/Tiny", "../../Tiny")}, "no model of the hub"),
        ({f"{CONFIG}/paper_config.yaml": "claims: []"}, "no claim 'truth_probe_cities'"),
        ({f"{CONFIG}/metadata.yaml": None}, "looked for config/papers/PAPER/replications/ID"),
        ({f"{CONFIG}/metadata.yaml": "#" * (1 << 19)}, "too long for a configuration"),
    ],
    ids=lambda value: str(value)[-48:],
)
def test_what_is_hostile_or_missing_is_named_and_nothing_is_written(
    here: Path, change: dict[str, str | None], said: str
) -> None:
    with pytest.raises(HarnessError) as error:
        take(here, hostile(change))
    assert said in str(error.value)
    assert everything(here.parent) == set()


def test_a_link_in_the_repository_leads_nowhere(here: Path) -> None:
    root = here.parent / "theirs"
    secret = here.parent / "secret.json"
    secret.write_text(json.dumps(result(CLAIM, [[1]], diagonal_dominance=1)))
    contents = files()
    del contents[NEG]
    (root / NEG).parent.mkdir(parents=True)
    (root / NEG).symlink_to(secret)
    with pytest.raises(HarnessError, match="no plain file"):
        take(here, contents)
    assert everything(here.parent) == {"secret.json"}


def test_a_file_that_is_too_large_is_not_read(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.imports.git_source.MOST_BYTES", 200)
    with pytest.raises(HarnessError, match="bytes; at most 200 are read"):
        take(here, files())


def test_what_is_no_repository_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="neither a git checkout nor a git directory"):
        GitSource.open(tmp_path)


def test_a_paper_that_is_not_there_is_refused_with_those_that_are(here: Path) -> None:
    source = GitSource.open(repository(here.parent / "theirs", files()))
    with pytest.raises(HarnessError, match="no replication of emotions; valid: geometry-of-truth"):
        import_replications(here, source, paper="emotions")


def test_every_recipe_is_of_a_paper_that_is_there() -> None:
    papers = Path(__file__).parents[2] / "papers"
    assert recipes().keys() == {"emotions", "geometry_of_truth"}
    for recipe in recipes().values():
        assert (papers / recipe.paper / "paper.yaml").is_file()
