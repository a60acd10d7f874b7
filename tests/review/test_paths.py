"""Names, kinds and places of what is submitted."""

import pytest

from harness.review.rules.paths import kinds, names, outside, shown
from harness.review.rules.sizes import sizes, unfolding
from harness.review.submission import Change
from tests.review.planted import NAME, entry, found, submission


@pytest.mark.parametrize(
    "name",
    [
        "../../other/report.md",
        "/etc/passwd",
        "figures/../../x.png",
        "figures\\..\\x.png",
        "figures//x.png",
        "./report.md",
        "report\u202emd.exe.md",
        "re\u200bport.md",
        "report\n.md",
        "\U000e0041.md",
        ".gitattributes",
        "figures/.git/hooks/post-checkout",
        ".report.md.12.partial",
        "tables/CON.csv",
        "tables/lpt1",
        "tables/a:b.csv",
        "tables/a.csv ",
        "tables./a.csv",
        "a" * 201,
    ],
)
def test_a_name_that_deceives_or_leads_away_is_a_blocker(name: str) -> None:
    (finding,) = names(submission({name: "text"}))
    assert (finding.rule, finding.severity) == ("name", "blocker")
    assert finding.path == shown(f"{NAME}/{name}") and finding.path.isprintable()


def test_plain_names_and_the_lock_that_a_run_leaves_are_no_fault() -> None:
    plain = ("report.md", "figures/heads.all-12_b.png", "tables/13b-copying.csv", ".lock")
    assert not list(names(submission(dict.fromkeys(plain, ""))))


@pytest.mark.parametrize("pair", [("report.md", "REPORT.md"), ("caf\u00e9.md", "cafe\u0301.md")])
def test_two_names_that_some_file_systems_take_for_one_are_a_blocker(pair: tuple[str, str]) -> None:
    assert found(names, dict.fromkeys(pair, "")) == {("name", "blocker", pair[1], None)}


def test_links_and_submodules_are_blockers_that_say_where_they_lead() -> None:
    given = {
        "report.md": "text",
        "data.json": entry("link", b"/etc/pass\xffwd\x1b[31m"),
        "figures": entry("submodule", b"0" * 40),
    }
    link, module = kinds(submission(given))
    assert (link.rule, link.path) == ("link", f"{NAME}/data.json")
    assert link.message == "a link to /etc/pass\ufffdwd<U+001B>[31m"
    assert (module.rule, module.severity) == ("submodule", "blocker")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("replications/ioi/some-id/verdicts.json", "another replication, ioi/some-id"),
        ("papers/actadd/paper.yaml", "a paper's spec"),
        ("harness/verdict.py", "the code that measures and judges"),
        (".github/workflows/ci.yml", "what runs on the server"),
        ("tests/conftest.py", "the tests"),
        ("pyproject.toml", "a file of the project"),
    ],
)
def test_a_file_outside_of_the_folder_is_a_blocker_that_says_whose_it_is(
    path: str, words: str
) -> None:
    (finding,) = outside(submission({}, outside=[Change(path, "modified")]))
    assert (finding.rule, finding.severity, finding.path) == ("outside", "blocker", path)
    assert words in finding.message


def test_the_spec_of_a_new_paper_is_a_note_and_a_changed_one_a_blocker() -> None:
    added, changed = Change("papers/actadd/paper.yaml", "added"), "papers/actadd/paper.yaml"
    new = submission({}, outside=[added], paper_is_new=True)
    assert [each.severity for each in outside(new)] == ["note"]
    known = submission({}, outside=[added])
    assert [each.severity for each in outside(known)] == ["blocker"]
    other = submission({}, outside=[Change(changed, "modified")], paper_is_new=True)
    assert [each.severity for each in outside(other)] == ["blocker"]


def test_files_and_folders_that_are_too_large_are_found() -> None:
    big = found(sizes, {"a.json": b" " * 5_000_001, "b.json": b" " * 5_000_000})
    assert big == {("file-size", "blocker", "a.json", None)}
    many = found(sizes, {f"{i}.md": "x" for i in range(501)})
    assert ("files", "blocker") in {each[:2] for each in many}
    heavy = found(sizes, {f"{i}.md": b"x" * 4_999_999 for i in range(11)})
    assert {each[:2] for each in heavy} == {("folder-size", "warning")}


def bomb(levels: int, width: int) -> str:
    """Each level names the one before `width` times."""
    lines = ["a0: &a0 [1]"]
    for level in range(1, levels):
        lines.append(f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * width)}]")
    return "\n".join(lines)


def test_aliases_that_unfold_into_too_much_are_found_before_they_do() -> None:
    # 10 levels of 9: about 9**9 nodes, nearly 400 million.
    ((rule, severity, path, line),) = found(unfolding, {"replication.yaml": bomb(10, 9)})
    assert (rule, severity, path) == ("unfolds", "blocker", "replication.yaml")
    assert line == 6  # 9 + 9**2 + ... first exceed 100,000 in the sixth line
    assert not found(unfolding, {"replication.yaml": bomb(3, 9)})


@pytest.mark.parametrize("name", ["replication.yaml", "verdicts.json", "measurements/a.jsonl"])
def test_nesting_that_exhausts_a_parser_is_found(name: str) -> None:
    deep = "{\n" + '"a": ' + "[" * 50_000 + "]" * 50_000 + "}"
    assert ("deep", "blocker", name, 2) in found(unfolding, {name: deep})
    assert not found(unfolding, {name: '{"a": "' + "[" * 500 + '"}'})


def test_a_block_of_yaml_nested_too_deep_is_found() -> None:
    deep = "\n".join(f"{' ' * level}a:" for level in range(150))
    assert {each[0] for each in found(unfolding, {"replication.yaml": deep})} == {"deep"}


def test_a_number_that_no_parser_takes_is_found() -> None:
    long = '{"a": 1,\n "b": ' + "9" * 5_000 + "}"
    assert found(unfolding, {"verdicts.json": long}) == {
        ("long-number", "blocker", "verdicts.json", 2)
    }


@pytest.mark.parametrize(
    "tag", ["!!python/object/apply:os.system [ls]", "!custom {a: 1}", "!!set {a}"]
)
def test_a_tag_in_a_spec_is_a_blocker(tag: str) -> None:
    assert found(unfolding, {"replication.yaml": f"id: x\nbad: {tag}\n"}) == {
        ("yaml-tag", "blocker", "replication.yaml", 2)
    }
