"""How the page is put together: closed, whole, and refusing what is no graph."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest

from harness.graphs.viewer import embeddable, render_page, write_page
from harness.record import HarnessError
from tests.graphs.viewer_graphs import planted

HOSTILE = '</script><img src=x onerror=alert(1)><script>alert(1)</script> \u2028 "\\" &amp; <!--'


class Parts(HTMLParser):
    """Tags with their attributes, and the text of each script and style, as a browser reads it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, dict[str, str | None], str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in ("script", "style"):
            self.texts.append((tag, dict(attrs), ""))

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] in ("script", "style") and self.texts:
            tag, attributes, text = self.texts[-1]
            self.texts[-1] = (tag, attributes, text + data)

    def handle_endtag(self, tag: str) -> None:
        self.tags.append((f"/{tag}", {}))


def parts(page: str) -> Parts:
    parsed = Parts()
    parsed.feed(page)
    parsed.close()
    return parsed


def policy(page: Parts) -> str:
    metas = [attributes for tag, attributes in page.tags if tag == "meta"]
    return next(str(m["content"]) for m in metas if "http-equiv" in m)


def hashed(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def data_block(page: Parts, name: str) -> object:
    return next(json.loads(text) for _, attrs, text in page.texts if attrs.get("id") == name)


def hostile_graph() -> str:
    graph = planted()
    graph["metadata"]["prompt"] = HOSTILE
    graph["nodes"][0]["clerp"] = HOSTILE
    return json.dumps(graph, ensure_ascii=False)


def test_graph_comes_out_of_the_page_as_it_went_in() -> None:
    page = parts(render_page(hostile_graph()))
    assert data_block(page, "graph-data") == json.loads(hostile_graph())


def test_hostile_text_opens_no_element() -> None:
    with_it, without = (
        parts(render_page(hostile_graph())),
        parts(render_page(json.dumps(planted()))),
    )
    assert with_it.tags == without.tags


def test_unescaped_hostile_text_would_open_elements() -> None:
    page = render_page(hostile_graph())
    broken = page.replace(embeddable(hostile_graph()), hostile_graph())
    assert "img" in [tag for tag, _ in parts(broken).tags]


def test_embedded_json_has_neither_tag_nor_line_separator() -> None:
    text = json.dumps([HOSTILE, "\u2029"], ensure_ascii=False)
    assert not re.search("[<\u2028\u2029]", embeddable(text))
    assert json.loads(embeddable(text)) == json.loads(text)


def test_policy_forbids_all_but_the_pages_own_script_and_style() -> None:
    page = parts(render_page(json.dumps(planted())))
    [script] = [text for tag, attrs, text in page.texts if tag == "script" and "type" not in attrs]
    [style] = [text for tag, _, text in page.texts if tag == "style"]
    assert policy(page) == (
        "default-src 'none'; base-uri 'none'; form-action 'none'; "
        f"script-src 'sha256-{hashed(script)}'; style-src 'sha256-{hashed(style)}'"
    )


def test_page_refers_to_nothing_outside_itself() -> None:
    page = render_page(json.dumps(planted()))
    for _, attributes in parts(page).tags:
        assert not {"src", "srcset", "action", "style", "data"} & attributes.keys()
        assert str(attributes.get("href", "#")).startswith("#")
        assert not [key for key in attributes if key.startswith("on")]
    assert "url(" not in page
    assert "@import" not in page


def test_scripts_never_write_markup_or_reach_out() -> None:
    folder = files("harness.graphs").joinpath("page")
    scripts = [each for each in folder.iterdir() if each.name.endswith(".js")]
    assert len(scripts) > 20
    forbidden = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment"
        r"|\beval\b|fetch\(|import\(|XMLHttpRequest|WebSocket|sendBeacon"
    )
    for each in scripts:
        assert not re.search(forbidden, each.read_text("utf-8")), each.name


def test_every_file_of_the_page_is_put_into_it() -> None:
    page = render_page(json.dumps(planted()))
    for each in files("harness.graphs").joinpath("page").iterdir():
        if each.name.endswith((".js", ".css")):
            assert each.read_text("utf-8") in page, each.name


def test_features_are_embedded_under_their_keys() -> None:
    page = parts(render_page(json.dumps(planted()), {"3_77": '{"top_logits": ["</script>"]}'}))
    assert data_block(page, "feature-data") == {"3_77": {"top_logits": ["</script>"]}}


def test_page_is_written_whole(tmp_path: Path) -> None:
    target = tmp_path / "new" / "graph.html"
    write_page(json.dumps(planted()), target)
    assert target.read_text("utf-8") == render_page(json.dumps(planted()))
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "graph: line 1: not valid JSON"),
        ("[]", "expected one object with metadata, nodes, links"),
        ('{"nodes": [], "links": []}', "metadata: expected an object; the file has links, nodes"),
        ('{"metadata": {}, "nodes": {}, "links": []}', "nodes: expected a list"),
        ('{"metadata": {"p": NaN}, "nodes": [], "links": []}', "NaN is no number"),
    ],
)
def test_what_is_no_graph_is_refused(text: str, told: str) -> None:
    with pytest.raises(HarnessError, match=re.escape(told)):
        render_page(text)


def test_feature_that_is_no_json_is_named() -> None:
    with pytest.raises(HarnessError, match="feature 3_77: line 1: not valid JSON"):
        render_page(json.dumps(planted()), {"3_77": "{"})
