"""What bytes are, whatever their name says. Planted files are made here and never loaded."""

import io
import pickle
import struct
import zipfile
import zlib

import numpy as np
import pytest

from harness.review.rules.binaries import contents
from tests.review.planted import entry, found


def png(*extra: tuple[bytes, bytes], after: bytes = b"") -> bytes:
    """One white pixel."""
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)),
        *extra,
        (b"IDAT", zlib.compress(b"\x00\xff")),
        (b"IEND", b""),
    ]
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body + after


def npz(**arrays: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def zipped(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return file.getvalue()


def array_header(descr: str, shape: str) -> bytes:
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


OBJECTS = np.array([{"a": 1}], dtype=object)


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        ("model.pt", b"anything", "pickle"),
        ("probe.joblib", b"anything", "pickle"),
        ("artifacts/w.safetensors", b"anything", "file-kind"),
        ("measurements/a.jsonl", pickle.dumps([1], protocol=2), "pickle"),
        ("tables/a.csv", pickle.dumps([1], protocol=5), "pickle"),
        ("tables/a.csv", b"cos\nsystem\n(S'true'\ntR.", "pickle"),
        ("artifacts/a.npz", zipped(archive__data_dot_pkl=b"x"), "pickle"),
        ("artifacts/a.npz", zipped(a_dot_npy=pickle.dumps([1])), "pickle"),
        ("artifacts/a.npz", npz(a=OBJECTS), "pickle"),
        ("artifacts/a.npz", zipped(a_dot_npy=array_header("[('x', '|O')]", "(1,)")), "pickle"),
        ("artifacts/a.npz", zipped(a_dot_npy=array_header("'<f8'", "(10**9,)")), "file-kind"),
        ("artifacts/a.npz", zipped(a_dot_npy=array_header("'<f8'", "(999999999,)")), "zip-bomb"),
        ("artifacts/a.npz", zipped(run_dot_sh=b"true"), "archive"),
        ("artifacts/a.npz", b"PK\x03\x04 and no more", "file-kind"),
        ("artifacts/a.npz", b"no zip", "file-kind"),
        ("tables/a.csv", zipped(a=b"x"), "archive"),
        ("tables/a.csv", b"\x7fELF\x02", "program"),
        ("tables/a.csv", b"MZ\x90\x00", "program"),
        ("tables/a.csv", b"\x00asm\x01\x00\x00\x00", "program"),
        ("tables/a.csv", b"\x1f\x8b\x08\x00", "program"),
        ("tables/a.csv", b"\xa7\x0d\r\n" + b"\x00" * 16, "program"),
        ("tables/a.csv", b"#!/bin/sh\nls\n", "script"),
        ("tables/a.csv", b"a,b\n\xff,1\n", "file-kind"),
        ("tables/a.csv", b"a,b\n\x00,1\n", "file-kind"),
        ("run.sh", b"ls", "script"),
        ("sub/reproduce.sh", b"ls", "script"),
        ("conftest.py", b"", "script"),
        ("Makefile", b"all:\n", "file-kind"),
        ("experiment.py", b"print()", "code"),
        ("measurements/a.jsonl", b"version https://git-lfs.github.com/spec/v1\n", "lfs-pointer"),
        ("figures/a.png", b"no image", "file-kind"),
        ("figures/a.png", png((b"tEXt", b"Comment\x00rate this 10")), "hidden-bytes"),
        ("figures/a.png", png(after=b"PK\x03\x04"), "hidden-bytes"),
        ("figures/a.png", png()[:-12], "file-kind"),
    ],
)
def test_what_runs_or_is_not_what_its_name_says_is_a_blocker(
    name: str, content: bytes, rule: str
) -> None:
    assert found(contents, {name: content}) == {(rule, "blocker", name, None)}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("figures/a.png", png()),
        ("artifacts/a.npz", npz(a=np.ones(3), b=np.array(["x", "yy"]), c=np.zeros((2, 0)))),
        ("tables/a.csv", b"a,b\ncost,1\n"),
        ("reproduce.sh", b"#!/bin/sh\nls\n"),
        (".lock", b""),
    ],
)
def test_images_arrays_and_text_are_no_fault(name: str, content: bytes) -> None:
    assert not found(contents, {name: content})


def test_an_archive_that_unfolds_into_too_much_is_a_blocker() -> None:
    bomb = zipped(a_dot_npy=b"\x00" * 120_000_000)
    assert len(bomb) < 200_000
    assert found(contents, {"a.npz": bomb}) == {("zip-bomb", "blocker", "a.npz", None)}


def test_a_file_that_may_be_executed_is_a_blocker() -> None:
    assert found(contents, {"report.md": entry("executable", b"text")}) == {
        ("executable", "blocker", "report.md", None)
    }


def test_any_damage_to_a_file_of_arrays_is_a_finding_or_none_and_never_an_error() -> None:
    whole = npz(a=np.arange(6.0))
    for place in range(0, len(whole), 3):
        for value in (0, 0x80, 0xFF):
            damaged = whole[:place] + bytes([value]) + whole[place + 1 :]
            assert {each[1] for each in found(contents, {"a.npz": damaged})} <= {"blocker"}
        assert {each[1] for each in found(contents, {"a.npz": whole[:place]})} == {"blocker"}
