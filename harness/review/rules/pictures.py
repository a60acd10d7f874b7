"""Whether two pictures are one drawing, but for what another machine's rounding does.

The bytes of a PNG depend on the versions of the libraries that write it; its pixels hardly do.
"""

import re
from io import BytesIO
from typing import Literal

Likeness = Literal["same", "alike", "other"]

_COORDINATE = re.compile(rb"-?\d+\.\d{4,}")
"""Matplotlib writes places with six decimals; numbers in texts have fewer."""
_CLOSE = 2e-3
"""In points, 1/72 inch."""
_FAR_PIXEL = 48
"""Of 255: more than smoothing of an edge changes."""
_MOST_FAR_PIXELS = 1e-3
"""Share of the pixels that may be farther apart than that."""


def likeness(name: str, given: bytes, expected: bytes) -> Likeness:
    """`same` to the byte; `alike` as two machines draw one figure; else another figure."""
    if given == expected:
        return "same"
    alike = svg_alike if name.endswith(".svg") else png_alike
    return "alike" if alike(given, expected) else "other"


def svg_alike(given: bytes, expected: bytes) -> bool:
    """One text but for coordinates, and those close."""
    if _COORDINATE.sub(b"#", given) != _COORDINATE.sub(b"#", expected):
        return False
    pairs = zip(_COORDINATE.findall(given), _COORDINATE.findall(expected), strict=True)
    return all(abs(float(ours) - float(theirs)) <= _CLOSE for ours, theirs in pairs)


def png_alike(given: bytes, expected: bytes) -> bool:
    """Of one size, and nearly all pixels close. The given file is decoded only at that size."""
    import numpy as np
    from PIL import Image, UnidentifiedImageError

    try:
        with (
            Image.open(BytesIO(given), formats=("PNG",)) as ours,
            Image.open(BytesIO(expected), formats=("PNG",)) as theirs,
        ):
            if ours.size != theirs.size:
                return False
            pixels = [np.asarray(each.convert("RGBA"), dtype=np.int16) for each in (ours, theirs)]
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        return False  # What cannot be decoded is no figure; Pillow says so in these ways.
    far = np.abs(pixels[0] - pixels[1]).max(axis=-1) > _FAR_PIXEL
    return float(far.mean()) <= _MOST_FAR_PIXELS
