"""An attribution graph as one HTML page that works offline and from a file.

Owns how the page is put together and what keeps it closed: the policy in its head, the escaping of
what is embedded. What it shows and how is in `page/`, plain scripts of one idea each. Any graph of
Neuronpedia's form can be shown, also one that the validator finds fault with.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import NoReturn, cast

from harness.record import HarnessError, write_text

_STYLES = ("theme.css", "frame.css", "graph.css", "details.css")
_SCRIPTS = (
    "elements.js",
    "wording.js",
    "kinds.js",
    "read_nodes.js",
    "twins.js",
    "read_links.js",
    "read_graph.js",
    "store.js",
    "saved_view.js",
    "names.js",
    "layout.js",
    "marks.js",
    "canvas.js",
    "logit_labels.js",
    "focus.js",
    "axes.js",
    "pointer.js",
    "keyboard.js",
    "header.js",
    "controls.js",
    "node_rows.js",
    "search.js",
    "feature_details.js",
    "qk_panel.js",
    "details.js",
    "subgraph_layout.js",
    "dragging.js",
    "subgraph_box.js",
    "subgraph.js",
    "pinned_list.js",
    "export.js",
    "start.js",
)
"""In the order in which they are read: `store.js` reads the graph, `start.js` draws it."""
_NEEDED = ("metadata", "nodes", "links")
_NO_FEATURES: Mapping[str, str] = MappingProxyType({})
_NOT_IN_A_SCRIPT = str.maketrans({"<": r"\u003c", "\u2028": r"\u2028", "\u2029": r"\u2029"})
"""What ends a script element or opens a comment in it; in JSON these stand within strings only."""


def write_page(
    graph_json: str, target: Path, *, features: Mapping[str, str] = _NO_FEATURES
) -> None:
    """Write the page of one graph, its features' details embedded.

    `graph_json` is a graph of Neuronpedia's form, of any writer. `features` holds feature-details
    JSON by node id, or by `{layer}_{index}` for every position. Raises `HarnessError` for what is
    no JSON, lacks a part of a graph, or cannot be written.
    """
    write_text(target, render_page(graph_json, features))


def render_page(graph_json: str, features: Mapping[str, str] = _NO_FEATURES) -> str:
    """The page as text; see `write_page`."""
    _check_graph(_parsed(graph_json, "graph"))
    for key, text in features.items():
        _parsed(text, f"feature {key}")
    script, style = _script(), _joined(_STYLES)
    return _part("page.html").format(
        policy=_policy(script, style),
        style=style,
        script=script,
        graph=embeddable(graph_json),
        features=embeddable(_mapping_of(features)),
    )


def embeddable(json_text: str) -> str:
    """The same JSON in which no character means anything to an HTML parser inside a script."""
    return json_text.translate(_NOT_IN_A_SCRIPT)


def content_hash(text: str) -> str:
    """The source of a content security policy that allows exactly this inline text."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _policy(script: str, style: str) -> str:
    """Nothing is loaded from anywhere, and nothing runs but the page's own script."""
    return (
        "default-src 'none'; base-uri 'none'; form-action 'none'; "
        f"script-src {content_hash(script)}; style-src {content_hash(style)}"
    )


def _script() -> str:
    return f'"use strict";\n(() => {{\n{_joined(_SCRIPTS)}}})();\n'


def _joined(names: Iterable[str]) -> str:
    return "".join(_part(name) for name in names)


def _part(name: str) -> str:
    return files("harness.graphs").joinpath("page", name).read_text("utf-8")


def _mapping_of(features: Mapping[str, str]) -> str:
    """One JSON object whose values are JSON texts already."""
    return "{" + ",".join(f"{json.dumps(key)}:{text}" for key, text in features.items()) + "}"


def _parsed(text: str, what: str) -> object:
    """Python reads NaN and Infinity, a browser does not: they are refused here."""

    def refuse(constant: str) -> NoReturn:
        raise HarnessError(f"{what}: {constant} is no number that JSON can hold")

    try:
        return json.loads(text, parse_constant=refuse)
    except json.JSONDecodeError as error:
        raise HarnessError(f"{what}: line {error.lineno}: not valid JSON: {error.msg}") from error


def _check_graph(parsed: object) -> None:
    if not isinstance(parsed, dict):
        raise HarnessError("graph: expected one object with " + ", ".join(_NEEDED))
    graph = cast("dict[str, object]", parsed)
    for key in _NEEDED:
        wanted = dict if key == "metadata" else list
        if not isinstance(graph.get(key), wanted):
            found = ", ".join(sorted(graph)) or "nothing"
            kind = "an object" if wanted is dict else "a list"
            raise HarnessError(f"graph: {key}: expected {kind}; the file has {found}")
