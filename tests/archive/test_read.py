"""Archives that are damaged, tampered with or made to do harm: refused, and nothing written."""

import random
import stat
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.archive.layout import LOCK, SUMS, require_safe_name
from harness.archive.opened import opened
from harness.archive.read import read_members
from harness.record import HarnessError
from tests.archive.planted import FOLDER, exported, members_of, rewrite, write_zip

PAPER = "papers/planted/paper.yaml"


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An archive in a folder of its own; everything temporary lies beside it."""
    made = exported(tmp_path / "made")
    path = tmp_path / "here" / "one.zip"
    (tmp_path / "here/scratch").mkdir(parents=True)
    made.rename(path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "here/scratch"))
    return path


def refused(archive: Path) -> str:
    """What is said of an archive that cannot be opened; nothing is left of it on disk."""
    before = sorted(archive.parent.parent.rglob("*"))
    with pytest.raises(HarnessError) as caught, opened(archive):
        pass
    assert sorted(archive.parent.parent.rglob("*")) == before
    assert str(caught.value).startswith("one.zip: ")
    assert "scratch" not in str(caught.value)
    return str(caught.value)


def test_an_archive_opens_as_the_replication_that_was_packed(archive: Path):
    with opened(archive) as (replication, lock):
        assert replication.name == FOLDER
        assert len(replication.measurements()) == 5
        assert replication.verdicts()[0].outcome == "replicated"
        assert lock is not None and "numpy" in lock.packages
        assert (replication.project / "papers/planted/paper.yaml").is_file()
        scratch = replication.project
    assert not scratch.exists()


def test_a_folder_opens_as_itself_and_has_no_lock(archive: Path):
    folder = archive.parent.parent / "made" / FOLDER
    with opened(folder) as (replication, lock):
        assert (replication.root, lock) == (folder, None)


def test_an_archive_that_is_not_there_is_named(tmp_path: Path):
    with (
        pytest.raises(HarnessError, match=r"gone\.zip: no such archive"),
        opened(tmp_path / "gone.zip"),
    ):
        pass


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_archive_is_refused(archive: Path, share: float):
    content = archive.read_bytes()
    archive.write_bytes(content[: int(len(content) * share)])
    assert "damaged, or not an archive" in refused(archive)


def test_a_flipped_bit_is_refused_or_changes_no_content(archive: Path):
    content, members = archive.read_bytes(), read_members(archive)
    rng, caught = random.Random(0), 0
    for _ in range(400):
        place = rng.randrange(len(content))
        flipped = bytes([content[place] ^ 1 << rng.randrange(8)])
        archive.write_bytes(content[:place] + flipped + content[place + 1 :])
        try:
            assert read_members(archive) == members
        except HarnessError:
            caught += 1
    assert caught > 200


def test_a_member_that_was_changed_is_refused_by_its_checksum(archive: Path):
    rewrite(archive, lambda m: {**m, f"{FOLDER}/report.md": b"# All replicated\n"}, with_sums=False)
    assert f"{FOLDER}/report.md: not the file whose checksum" in refused(archive)


def test_a_member_that_was_added_or_removed_is_refused(archive: Path):
    whole = archive.read_bytes()
    rewrite(archive, lambda m: {**m, f"{FOLDER}/tables/more.csv": b""}, with_sums=False)
    assert f"'{FOLDER}/tables/more.csv' stands only in the archive" in refused(archive)
    archive.write_bytes(whole)
    rewrite(archive, lambda m: {k: v for k, v in m.items() if k != PAPER}, with_sums=False)
    assert f"'{PAPER}' stands only in SHA256SUMS" in refused(archive)


def test_verdicts_that_the_rows_do_not_give_are_refused_though_checksums_fit(archive: Path):
    name = f"{FOLDER}/verdicts.json"

    def edit(members: dict[str, bytes]) -> dict[str, bytes]:
        text = members[name].replace(b'"outcome": "replicated"', b'"outcome": "partial"')
        assert text != members[name]
        return {**members, name: text}

    rewrite(archive, edit)
    assert "not what the measurements give for high" in refused(archive)


def test_rows_that_are_no_rows_are_refused_though_checksums_fit(archive: Path):
    rows = next(name for name in members_of(archive) if name.endswith(".jsonl"))
    rewrite(archive, lambda m: {**m, rows: b"cos\nsystem\n(S'touch x'\ntR."})
    assert f"{rows}:1: " in refused(archive)


@pytest.mark.parametrize(
    "name",
    [
        *("../evil", "/etc/passwd", f"{FOLDER}/../../../evil", f"{FOLDER}/..", "papers/x/../../e"),
        *("C:/evil", "..\\evil", f"{FOLDER}/a\\..\\b", f"{FOLDER}//x", f"{FOLDER}/.git/config"),
        *(f"{FOLDER}/", f"{FOLDER}/a\x00b", f"{FOLDER}/a\nb", f"{FOLDER}/ä", "setup.py", ".lock"),
        *("papers/x/other.yaml", "replications/x", f"{FOLDER}/-rf", f"{FOLDER}/{'a' * 300}", ""),
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(archive: Path, name: str):
    with pytest.raises(HarnessError, match="has no place in an archive"):
        require_safe_name(name)
    info = zipfile.ZipInfo("x")
    info.filename = info.orig_filename = name
    everything = [(zipfile.ZipInfo(each), data) for each, data in members_of(archive).items()]
    write_zip(archive, [*everything, (info, b"evil")])
    refused(archive)


def test_names_of_all_real_members_are_safe(archive: Path):
    for name in members_of(archive):
        require_safe_name(name)


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFDIR, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_are_refused(archive: Path, kind: int):
    name = f"{FOLDER}/tables/link.csv"
    infos = [(zipfile.ZipInfo(each), data) for each, data in members_of(archive).items()]
    link = zipfile.ZipInfo(name)
    link.create_system, link.external_attr = 3, (kind | 0o777) << 16
    write_zip(archive, [*infos, (link, b"../../../../../etc/passwd")])
    assert f"'{name}' is a link, or not a plain file" in refused(archive)


@pytest.mark.parametrize("second", [PAPER, PAPER.replace("paper.yaml", "PAPER.yaml"), SUMS])
def test_a_name_that_stands_twice_is_refused(archive: Path, second: str):
    infos = [(zipfile.ZipInfo(each), data) for each, data in members_of(archive).items()]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        write_zip(archive, [*infos, (zipfile.ZipInfo(second), b"other")])
    assert any(said in refused(archive) for said in ("stands twice", "has no place"))


def test_a_file_below_a_file_is_refused(archive: Path):
    rewrite(archive, lambda m: {**m, f"{FOLDER}/report.md/x": b""})
    assert "lies below a file" in refused(archive)


def test_a_bomb_is_refused_by_what_it_says_of_its_size(archive: Path):
    rewrite(archive, lambda m: {**m, f"{FOLDER}/tables/bomb.csv": bytes((1 << 26) + 1)})
    assert archive.stat().st_size < 200_000
    assert "is larger than 64 MiB" in refused(archive)


def test_many_members_of_allowed_size_are_refused_by_their_sum(archive: Path):
    block = bytes(1 << 26)
    rewrite(archive, lambda m: {**m, **{f"{FOLDER}/tables/{i}.csv": block for i in range(4)}})
    assert "unpacks to more than 256 MiB" in refused(archive)


def test_too_many_members_are_refused(archive: Path):
    rewrite(archive, lambda m: {**m, **{f"{FOLDER}/tables/{i}.csv": b"" for i in range(2001)}})
    assert "2,000 are allowed" in refused(archive)


def test_a_bomb_that_lies_of_its_size_is_refused(archive: Path):
    """Both headers of a member of 8 MiB claim 100 bytes."""
    name = f"{FOLDER}/tables/bomb.csv".encode()
    rewrite(archive, lambda m: {**m, name.decode(): bytes(8 << 20)})
    content = bytearray(archive.read_bytes())
    real = struct.pack("<L", 8 << 20)
    claims = struct.pack("<L", 100)
    local = content.index(name) - 30 + 22
    central = content.rindex(name) - 46 + 24
    for place in (local, central):
        assert content[place : place + 4] == real
        content[place : place + 4] = claims
    archive.write_bytes(bytes(content))
    refused(archive)


def test_an_encrypted_member_is_refused(archive: Path):
    content = bytearray(archive.read_bytes())
    place = content.rindex(PAPER.encode()) - 46 + 8
    content[place] |= 1
    archive.write_bytes(bytes(content))
    assert "is encrypted" in refused(archive)


def test_an_unknown_way_of_packing_is_refused(archive: Path):
    infos = members_of(archive)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_LZMA) as other:
        for name, data in infos.items():
            other.writestr(name, data)
    assert "packed in an unknown way" in refused(archive)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda m: {k: v for k, v in m.items() if k != LOCK}, f"no {LOCK}: not an exported"),
        (lambda m: {**m, LOCK: b"{}"}, "lock.json:1: python"),
        (lambda m: {**m, "replications/planted/two/replication.yaml": b""}, "holds 2 replications"),
        (lambda m: {k: v for k, v in m.items() if "one/" not in k}, "holds 0 replications"),
        (lambda m: {k: v for k, v in m.items() if k != PAPER}, "no paper 'planted'"),
        (
            lambda m: {k.replace("planted/one/", "planted/two/"): v for k, v in m.items()},
            "id 'one' belong in a folder planted/one, not planted/two",
        ),
    ],
)
def test_what_is_no_whole_replication_is_refused(
    archive: Path, change: Callable[[dict[str, bytes]], dict[str, bytes]], said: str
):
    rewrite(archive, change)
    assert said in refused(archive)


@pytest.mark.parametrize("sums", [b"", b"no sums\n", b"\xff\xfe", b"a  x\nb  x\n"])
def test_checksums_that_are_none_are_refused(archive: Path, sums: bytes):
    infos = {**members_of(archive), SUMS: sums}
    write_zip(archive, [(zipfile.ZipInfo(name), data) for name, data in infos.items()])
    refused(archive)


def test_another_zip_file_is_told_from_an_archive(archive: Path):
    write_zip(archive, [(zipfile.ZipInfo(PAPER), b"id: planted\n")])
    assert f"no {SUMS}: not an exported archive" in refused(archive)
