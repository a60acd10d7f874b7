"""HTML, in a page or inside Markdown, read by a parser and held against what a report may hold."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import NamedTuple


def names(text: str) -> frozenset[str]:
    """Names that blanks separate."""
    return frozenset(text.split())


PAGE = names(
    "html head meta title style body main h1 h2 h3 h4 h5 h6 p ul ol li blockquote table thead "
    "tbody tr th td div span b i em strong small code pre figure figcaption img a details "
    "summary br wbr sub sup hr"
)
"""Elements of a report's page."""
PROSE = names("a b i br code details em strong sub summary sup wbr")
"""Elements that a report's Markdown holds."""
ACTIVE = names(
    "script iframe frame frameset object embed applet form input button textarea select base link "
    "svg math video audio source track template slot portal noscript xmp plaintext dialog marquee "
    "isindex listing"
)
"""Elements that run, load, send, or change how what follows is read."""
_ATTRIBUTES = names(
    "id class lang title alt href src name content charset http-equiv colspan rowspan open scope "
    "style align width height"
)
_LOADED = frozenset({"src", "srcset", "poster", "background", "data", "action", "formaction"})
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_SAFE_SCHEMES = frozenset({"http", "https", "mailto"})
_TAG_START = re.compile(r"<(?=[A-Za-z/!?])")
_TAG = re.compile(
    r"<(?:/?[A-Za-z][A-Za-z0-9]*"
    r"(?:\s+[^\s\"'<>=/]+(?:=(?:\"[^\"<>]*\"|'[^'<>]*'|[^\s\"'<>`]+))?)*\s*/?"
    r"|!(?:doctype html|--[^<>]*--))>",
    re.IGNORECASE,
)
"""A whole tag, as every text that is escaped leaves them. Matching one takes linear time."""
_STYLE = re.compile(r"url\s*\(|@import|expression\s*\(|-moz-binding|behavior\s*:", re.IGNORECASE)
_PIXELS = "data:image/png;base64,"


class Fault(NamedTuple):
    """Something that a text's markup may not hold."""

    line: int
    grave: bool
    """Whether it runs, loads or sends something; otherwise it merely has no place there."""
    message: str


def faults(text: str, allowed: frozenset[str]) -> Iterator[Fault]:
    """What stands in the markup of a text beside the allowed elements and safe attributes."""
    broken = next(
        (tag for tag in _TAG_START.finditer(text) if not _TAG.match(text, tag.start())), None
    )
    if broken is not None:
        # Browsers and parsers differ on what a broken tag is, so none is asked.
        line = text.count("\n", 0, broken.start()) + 1
        yield Fault(
            line, True, f"a tag that is not well formed, {_beginning(text, broken.start())}"
        )
        return
    reader = _Reader(allowed)
    reader.feed(text)
    reader.close()
    yield from reader.found


def _beginning(text: str, start: int) -> str:
    return repr(text[start : start + 20])


def dangerous_target(target: str) -> str | None:
    """The scheme of a link that is not plainly an address, or `None`.

    Browsers drop control characters and blanks inside of a scheme, and so does this.
    """
    bare = re.sub(r"[\x00-\x20\u00a0\u200b-\u200f\u2028\u2029\ufeff]+", "", target)
    scheme = _SCHEME.match(bare)
    if scheme is None:
        return "//" if bare.startswith(("//", "\\\\", "/\\")) else None
    return None if scheme[1].lower() in _SAFE_SCHEMES else scheme[1].lower()


class _Reader(HTMLParser):
    """Keeps what it finds; `found` is complete once the text is closed."""

    def __init__(self, allowed: frozenset[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Fault] = []
        self._allowed = allowed
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        if tag not in self._allowed:
            self._note(f"<{tag[:20]}> has no place here", grave=tag in ACTIVE)
        for name, value in attrs:
            self._attribute(tag, name, value or "")

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False
        if tag not in self._allowed:
            self._note(f"</{tag[:20]}> has no place here", grave=tag in ACTIVE)

    def handle_data(self, data: str) -> None:
        if self._in_style and _STYLE.search(data):
            self._note("a style that loads something", grave=True)

    def handle_comment(self, data: str) -> None:
        del data
        self._note("a comment, which no reader sees", grave=False)

    def handle_decl(self, decl: str) -> None:
        if decl.strip().lower() != "doctype html":
            self._note("a declaration", grave=False)

    def handle_pi(self, data: str) -> None:
        del data
        self._note("a processing instruction", grave=False)

    def unknown_decl(self, data: str) -> None:
        del data
        self._note("a declaration", grave=False)

    def _attribute(self, tag: str, name: str, value: str) -> None:
        if name.startswith("on"):
            self._note(f"a handler, {name[:20]}=, on <{tag[:20]}>", grave=True)
        elif name in _LOADED:
            if not value.startswith(_PIXELS):
                self._note(f"<{tag[:20]} {name}=> loads something", grave=True)
        elif name == "href" and (scheme := dangerous_target(value)) is not None:
            self._note(f"a link by {scheme[:20]!r}", grave=True)
        elif name == "style" and _STYLE.search(value):
            self._note("a style that loads something", grave=True)
        elif name == "http-equiv" and value.lower() != "content-security-policy":
            self._note(f"<meta http-equiv={value[:20]!r}> acts on the browser", grave=True)
        elif name not in _ATTRIBUTES:
            self._note(f"an attribute {name[:20]!r}", grave=False)

    def _note(self, message: str, *, grave: bool) -> None:
        self.found.append(Fault(self.getpos()[0], grave, message))
