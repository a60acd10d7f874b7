"""Which files of a replication's folder the site holds, and that none of them can run in a browser.

Pictures of the SVG form can hold scripts, so only their PNG twins are published. A report is taken
only with the head that `harness report` writes: it forbids every script before anything else.
"""

from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path

from harness.record import HarnessError
from harness.report.html import render_html

REPORT = "report.html"
THUMBNAIL = "thumbnail.webp"
_PICTURED = "figures/forest.png"
"""The verdicts, drawn."""
_NEEDED = ("replication.yaml", REPORT)
_FILES = (
    *_NEEDED,
    *("report.md", "replication.ipynb", "reproduce.sh"),
    *("explorer.json", "manifest.json", "verdicts.json"),
    *("figures/*.png", "tables/*.csv", "measurements/*.jsonl"),
    *("artifacts/*.json", "artifacts/*.npz"),
)
_WIDTH, _HEIGHT = 480, 360
"""Of a thumbnail, in pixels; it is shown at half of that."""


def published_files(root: Path) -> dict[str, Path]:
    """Path in the folder → file. Raises `HarnessError` where the report is missing or altered."""
    files = {path.relative_to(root).as_posix(): path for path in _found(root)}
    for name in _NEEDED:
        if name not in files:
            raise HarnessError(f"{root / name}: missing; `harness report` writes a report")
    _require_inert(files[REPORT])
    return files


def thumbnail(files: Mapping[str, Path]) -> bytes | None:
    """The top of the verdicts' figure as a small WebP; `None` where no figure was drawn."""
    path = files.get(_PICTURED)
    if path is None:
        return None
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path, formats=("PNG",)) as opened:
            top = opened.convert("RGB").crop((0, 0, opened.width, _visible(*opened.size)))
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError) as error:
        raise HarnessError(f"{path}: not a picture that can be read: {error}") from error
    top.thumbnail((_WIDTH, _HEIGHT))
    written = BytesIO()
    top.save(written, format="WEBP", quality=80, method=4)
    return written.getvalue()


def _visible(width: int, height: int) -> int:
    return min(height, width * _HEIGHT // _WIDTH)


def _found(root: Path) -> Iterator[Path]:
    """Files of the folder itself: `Replication.open` has refused links already."""
    for pattern in _FILES:
        for path in sorted(root.glob(pattern)):
            if path.is_file() and not path.is_symlink():
                yield path


def _require_inert(report: Path) -> None:
    head = render_html("", [], {}).split("<title>", 1)[0].encode()
    with report.open("rb") as file:
        if file.read(len(head)) != head:
            raise HarnessError(f"{report}: not as `harness report` writes it; write it anew")
