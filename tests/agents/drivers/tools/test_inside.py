import os
from pathlib import Path

import pytest

from agents.drivers.tools.inside import read_inside, write_inside
from agents.drivers.tools.tool_error import ToolError


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder with links out of it and within it, beside a file that is nobody's business."""
    tree = tmp_path / "tree"
    (tree / "below").mkdir(parents=True)
    (tree / "below/f").write_text("inside")
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "tree-beside").mkdir()
    (tmp_path / "tree-beside/f").write_text("secret")
    (tree / "out").symlink_to(tmp_path / "secret")
    (tree / "folder-out").symlink_to("..")
    (tree / "twice").symlink_to("folder-out/secret")
    (tree / "within").symlink_to("below/f")
    (tree / "loop").symlink_to("loop")
    os.mkfifo(tree / "pipe")
    return tree


def paths_out(tree: Path) -> list[str]:
    return [
        "../secret",
        "below/../../secret",
        str(tree.parent / "secret"),
        "/etc/passwd",
        "/proc/self/environ",
        "out",
        "folder-out/secret",
        "folder-out/new",
        "twice",
        f"{tree}-beside/f",
    ]


def test_nothing_outside_is_read_or_written(tree: Path) -> None:
    for path in paths_out(tree):
        with pytest.raises(ToolError, match=r"outside|without `\.\.`"):
            read_inside(tree, path)
        with pytest.raises(ToolError, match=r"outside|without `\.\.`"):
            write_inside(tree, path, "x")
    assert (tree.parent / "secret").read_text() == "secret"
    assert sorted(each.name for each in tree.parent.iterdir()) == ["secret", "tree", "tree-beside"]


def test_what_lies_inside_is_had_by_any_of_its_names(tree: Path) -> None:
    for path in ("below/f", "./below//f", "within", str(tree / "below/f")):
        write_inside(tree, path, path)
        assert read_inside(tree, "below/f") == path
    assert (tree / "within").is_symlink()


def test_a_folder_that_is_itself_a_link_is_the_folder_that_it_leads_to(
    tree: Path, tmp_path: Path
) -> None:
    (tmp_path / "alias").symlink_to(tree)
    assert read_inside(tmp_path / "alias", "below/f") == "inside"
    assert read_inside(tmp_path / "alias", str(tmp_path / "alias/below/f")) == "inside"


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("", "not the name"),
        ("a\0b", "not the name"),
        (".", "not a file"),
        ("below", "not a file"),
        ("pipe", "not a file"),
        ("below/f/g", "Not a directory"),
        ("missing", "No such file"),
        ("n" * 300, "too long"),
    ],
)
def test_what_is_no_file_is_not_read(tree: Path, path: str, told: str) -> None:
    with pytest.raises(ToolError, match=told):
        read_inside(tree, path)


@pytest.mark.parametrize("path", [".", "below", "pipe", "below/f/g", "n" * 300])
def test_what_is_no_file_is_not_written(tree: Path, path: str) -> None:
    with pytest.raises(ToolError, match=r"directory|device|too long|exists"):
        write_inside(tree, path, "x")


def test_bytes_that_are_no_text_are_left_alone(tree: Path) -> None:
    (tree / "model").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ToolError, match="not text"):
        read_inside(tree, "model")


def test_a_huge_file_is_not_read(tree: Path) -> None:
    with (tree / "huge").open("wb") as file:
        file.truncate(10**12)
    with pytest.raises(ToolError, match="1,000,000,000,000 bytes"):
        read_inside(tree, "huge")


def test_a_link_that_comes_after_the_look_leads_nowhere(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What another process does between the look and the opening, done at that moment."""
    look = os.path.realpath

    def look_and_swap(path: object, **_: object) -> str:
        found = look(str(path))
        if found.endswith("below/f"):
            (tree / "below").rename(tree / "away")
            (tree / "below").symlink_to(tree.parent / "tree-beside")
        return found

    monkeypatch.setattr("os.path.realpath", look_and_swap)
    with pytest.raises(ToolError, match=r"Not a directory|symbolic"):
        read_inside(tree, "below/f")
