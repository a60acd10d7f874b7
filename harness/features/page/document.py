"""The frame of a page: head, policy and style."""

import base64
import hashlib
from collections.abc import Iterable
from functools import cache
from html import escape as escape_markup
from importlib.resources import files

_FRAME = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""
_POLICY = "default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def document(title: str, body: Iterable[str]) -> str:
    """A page of parts that are markup already; the title is plain text."""
    return _FRAME.format(
        policy=_POLICY.format(digest=_digest(_style())),
        title=escape(title),
        style=_style(),
        body="\n".join(body),
    )


def escape(text: str) -> str:
    """Plain text in which no character means anything to HTML, quotes included."""
    return escape_markup(text, quote=True)


@cache
def _style() -> str:
    return files("harness.features.page").joinpath("page.css").read_text("utf-8")


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
