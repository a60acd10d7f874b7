"""SVG, read by expat with entities forbidden, and held against what matplotlib draws."""

import re
from collections.abc import Iterator
from xml.parsers import expat

from harness.review.rules.elements import Fault, names

_ELEMENTS = names(
    "svg metadata RDF Work type format date creator Agent title desc defs style g path use "
    "clipPath rect image pattern circle ellipse line polyline polygon text tspan marker mask "
    "linearGradient radialGradient stop symbol"
)
_ACTIVE = names(
    "script foreignObject a animate animateMotion animateTransform set handler listener iframe "
    "embed object video audio feImage discard"
)
_LOADS = re.compile(r"url\s*\(\s*['\"]?(?!#|['\"]?\s*#)|@import|expression\s*\(", re.IGNORECASE)
_PIXELS = "data:image/png;base64,"


class _Refused(Exception):
    """Raised inside of a handler, so that expat reads no further."""


def drawing_faults(content: bytes) -> Iterator[Fault]:
    """What an SVG holds that runs, loads, or has no place in a figure.

    An entity's declaration ends the reading: none is expanded.
    """
    reader = _Reader()
    try:
        reader.parser.Parse(content, True)
    except _Refused:
        pass
    except expat.ExpatError as error:
        reader.found.append(Fault(error.lineno, True, "is no SVG that can be read"))
    else:
        if reader.root != "svg":
            reader.found.append(Fault(1, True, "is no SVG"))
    yield from reader.found


class _Reader:
    """Keeps what it finds."""

    def __init__(self) -> None:
        self.found: list[Fault] = []
        self.root: str | None = None
        self._in_style = False
        self.parser = expat.ParserCreate()
        self.parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.EntityDeclHandler = self._entity
        self.parser.ProcessingInstructionHandler = self._instruction

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        self.root = self.root or local
        self._in_style = local == "style"
        if local not in _ELEMENTS:
            self._note(f"<{name[:30]}> has no place in a figure", grave=local in _ACTIVE)
        for key, value in attributes.items():
            self._attribute(name, key, value)

    def _attribute(self, element: str, key: str, value: str) -> None:
        local = key.rpartition(":")[2].lower()
        if local.startswith("on"):
            self._note(f"a handler, {key[:20]}=, on <{element[:20]}>", grave=True)
        elif local in ("href", "src") and not value.startswith(("#", _PIXELS)):
            self._note(f"<{element[:20]} {key[:20]}=> leads out of the figure", grave=True)
        elif _LOADS.search(value) or value.strip().lower().startswith(("javascript:", "data:text")):
            self._note(f"an attribute {key[:20]} that loads something", grave=True)

    def _end(self, name: str) -> None:
        del name
        self._in_style = False

    def _text(self, data: str) -> None:
        if self._in_style and _LOADS.search(data):
            self._note("a style that loads something", grave=True)

    def _doctype(
        self, name: str, system: str | None, public: str | None, has_internal_subset: bool
    ) -> None:
        del name, system, public
        if has_internal_subset:
            self._note("a document type with declarations of its own", grave=True)

    def _entity(self, name: str, *rest: object) -> None:
        del rest
        self._note(f"declares an entity, {name[:20]}", grave=True)
        raise _Refused

    def _instruction(self, target: str, data: str) -> None:
        del data
        self._note(f"a processing instruction, {target[:20]}", grave=True)

    def _note(self, message: str, *, grave: bool) -> None:
        self.found.append(Fault(self.parser.CurrentLineNumber, grave, message))
