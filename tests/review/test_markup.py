"""Markup that acts, in every kind of file that is shown to somebody."""

import json

import pytest

from harness.review.rules.markup import markup
from tests.review.planted import HONEST, found, honest

SVG = '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg">\n{}\n</svg>\n'
HTML = "<!doctype html>\n<html lang='en'>\n<body>\n{}\n</body>\n</html>\n"


@pytest.mark.parametrize(
    "inner",
    [
        "<script>fetch('x')</script>",
        '<g onload="x()"/>',
        "<foreignObject><p>x</p></foreignObject>",
        '<use xlink:href="https://evil.example/x.svg#a" xmlns:xlink="http://www.w3.org/1999/xlink"/>',
        '<image href="data:text/html,x"/>',
        '<a href="javascript:x()"><path d="M 0 0"/></a>',
        '<path style="fill: url(https://evil.example/x)"/>',
        "<style>@import 'https://evil.example/x.css';</style>",
        '<animate attributeName="href" to="javascript:x()"/>',
        '<x:script xmlns:x="http://www.w3.org/2000/svg">x()</x:script>',
    ],
)
def test_a_drawing_that_runs_or_loads_is_a_blocker(inner: str) -> None:
    assert ("svg", "blocker", "figures/a.svg", 3) in found(
        markup, {"figures/a.svg": SVG.format(inner)}
    )


def test_entities_are_refused_and_not_expanded() -> None:
    levels = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">\n' for i in range(1, 12))
    bomb = f'<?xml version="1.0"?>\n<!DOCTYPE svg [\n<!ENTITY e0 "x">\n{levels}]>\n<svg>&e11;</svg>'
    outside = '<!DOCTYPE svg [<!ENTITY e SYSTEM "file:///etc/passwd">]>\n<svg>&e;</svg>'
    for content in (bomb, outside):
        assert {each[:3] for each in found(markup, {"a.svg": content})} == {
            ("svg", "blocker", "a.svg")
        }


@pytest.mark.parametrize(
    "content", ["", "no drawing", "<html/>", "<svg><g></svg>", "<svg>\x01</svg>"]
)
def test_what_is_no_drawing_is_a_blocker(content: str) -> None:
    assert "blocker" in {each[1] for each in found(markup, {"a.svg": content})}


def test_a_drawing_of_matplotlib_s_kind_is_no_fault() -> None:
    inner = (
        '<style type="text/css">*{stroke-linejoin: round}</style>'
        '<g clip-path="url(#p1)"><use href="#m1" style="fill: url(#h1)"/>'
        '<image href="data:image/png;base64,iVBORw0KGgo="/></g>'
    )
    assert not found(markup, {"a.svg": SVG.format(inner)})


@pytest.mark.parametrize(
    "inner",
    [
        "<script>x()</script>",
        "<SCRIPT src=//evil.example/x.js></SCRIPT>",
        '<img src="data:image/png;base64,AA" onerror="x()">',
        '<b onclick="x()">bold</b>',
        '<img src="https://evil.example/pixel.png">',
        '<iframe src="https://evil.example"></iframe>',
        '<form action="https://evil.example"><input name="a"></form>',
        '<meta http-equiv="refresh" content="0;url=https://evil.example">',
        '<a href="javascript:x()">x</a>',
        '<a href="java&#10;script:x()">x</a>',
        '<a href=" &#1;JavaScript:x()">x</a>',
        '<a href="data:text/html,x">x</a>',
        '<p style="background: url(https://evil.example/x)">x</p>',
        "<svg/onload=x()>",
        "<!--><script>x()</script>-->",
        '<link rel="stylesheet" href="https://evil.example/x.css">',
        '<base href="https://evil.example/">',
    ],
)
def test_a_page_that_runs_loads_or_sends_is_a_blocker(inner: str) -> None:
    assert ("html", "blocker", "report.html", 4) in found(
        markup, {"report.html": HTML.format(inner)}
    )


def test_a_plain_page_is_no_fault_and_a_comment_a_warning() -> None:
    plain = '<p><a href="https://arxiv.org/abs/1">x &lt;script&gt;</a> <b>y</b></p>'
    assert not found(markup, {"report.html": HTML.format(plain)})
    hidden = HTML.format("<p>x</p><!-- reviewer: fine -->")
    assert found(markup, {"report.html": hidden}) == {("html", "warning", "report.html", 4)}


@pytest.mark.parametrize(
    "line",
    [
        "<script>x()</script>",
        '<img src="https://evil.example/x.png">',
        "[here](javascript:x())",
        "[here](<java\tscript:x()>)",
        "[here](javascript&#58;x())",
        "[here](javascript\\:x())",
        "[here]( data:text/html;base64,AA)",
        "[here]: vbscript:x()",
        "![chart](https://evil.example/pixel.png)",
        "![chart](../../../other/figures/x.png)",
        "[![a](figures/a.png)](javascript:x())",
    ],
)
def test_markdown_that_runs_or_loads_is_a_blocker(line: str) -> None:
    assert ("markdown", "blocker", "report.md", 3) in found(
        markup, {"report.md": f"# Title\n\n{line}\n"}
    )


def test_markdown_as_the_harness_writes_it_is_no_fault() -> None:
    text = (
        '<a id="top"></a>\n\n# Title &lt;script&gt;\n\n[paper](https://arxiv.org/abs/1) '
        "[claim](#claim-a)<br><sub>x</sub>\n\n![alt \\[-1, 2\\]](figures/forest.png)\n\n"
        "```sh\nharness rerun <folder>\n```\n"
    )
    assert not found(markup, {"report.md": text})


@pytest.mark.parametrize("name", ["replication.yaml", "verdicts.json", "measurements/a.jsonl"])
@pytest.mark.parametrize(
    "words",
    [
        "<script>x()</script>",
        "<img src=x onerror=x()>",
        "<p onmouseover = x()>",
        "javascript:x()",
        "\\u003cscript>",
    ],
)
def test_markup_that_acts_in_a_string_is_a_blocker(name: str, words: str) -> None:
    text = f'{{"id": 1,\n "why": "because {words}"}}'
    assert ("markup-in-text", "blocker", name, 2) in found(markup, {name: text})


def test_plain_tags_in_a_string_are_a_warning_and_chat_tokens_none() -> None:
    assert found(markup, {"replication.yaml": "why: <b>bold</b>"}) == {
        ("markup-in-text", "warning", "replication.yaml", 1)
    }
    tokens = 'here: "<|im_start|> and <s> before each text; a < b, c > d"'
    assert not found(markup, {"replication.yaml": tokens})


def notebook(**changed: object) -> str:
    cell = {"cell_type": "markdown", "id": "cell-0", "metadata": {}, "source": "# Title"}
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    book = {"cells": [cell | changed], "metadata": {"kernelspec": kernel}}
    return json.dumps(book, indent=1)


def test_a_notebook_with_outputs_markup_or_another_kernel_is_a_blocker() -> None:
    html = [{"output_type": "display_data", "data": {"text/html": "<script>x()</script>"}}]
    bad = [
        notebook(outputs=html),
        notebook(source="<script>x()</script>"),
        notebook(source=["[x](java", "script:x())"]),
        notebook().replace('"python3"', '"evil"'),
        "{",
    ]
    for content in bad:
        assert {each[:2] for each in found(markup, {"replication.ipynb": content})} == {
            (
                "notebook" if "script" not in content or "text/html" in content else "markdown",
                "blocker",
            )
        }
    assert not found(markup, {"replication.ipynb": notebook()})


@pytest.mark.parametrize("name", HONEST)
def test_committed_replications_hold_no_markup_that_acts(name: str) -> None:
    assert not list(markup(honest(name)))
