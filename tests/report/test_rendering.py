"""The two renderers on single blocks."""

import pytest
from markdown_it import MarkdownIt

from harness.report.document import (
    Badge,
    Code,
    Details,
    Heading,
    Line,
    Link,
    Paragraph,
    Quotation,
    Small,
    Strong,
    Table,
    cell,
)
from harness.report.html import render_html
from harness.report.markdown import escape, render_markdown
from harness.report.wording import shortened, without_machine_paths

READER = MarkdownIt("commonmark", {"html": True}).enable("table")
HOSTILE = "a|b <b>x</b> [y](javascript:alert(1)) `c` **d** _e_ ~f~ #1 &amp; @g \\ \n- h"


@pytest.mark.parametrize("wrap", [str, Strong, Small, Code])
def test_hostile_text_reads_back_as_itself_from_markdown(wrap: type):
    line: Line = (wrap(HOSTILE),)
    tokens = READER.parseInline(render_markdown([Paragraph(line)]).strip())
    texts = [t.content for t in tokens[0].children or [] if t.type in ("text", "text_special")]
    assert "".join(texts) == " ".join(HOSTILE.split())


def test_hostile_text_leaves_a_markdown_table_its_shape():
    table = Table(("one", "two"), ((cell(HOSTILE), cell("second")),))
    tokens = READER.parse(render_markdown([table]))
    assert [token.type for token in tokens].count("td_open") == 2


def test_text_without_markup_is_left_alone():
    assert escape("cities → neg, 0.75") == "cities → neg, 0.75"


def test_summary_of_details_is_html_in_markdown():
    details = Details((Badge("replicated", "yes"), " <i>"), (Quotation("q"),), "anchor")
    text = render_markdown([details])
    assert "<summary>✅ <b>yes</b> &lt;i&gt;</summary>" in text
    assert '<a id="anchor"></a>' in text


def test_heading_has_its_anchor_in_html():
    assert '<h2 id="here">Here</h2>' in render_html("t", [Heading(2, "Here", "here")], {})


def test_quotes_in_a_link_target_cannot_leave_the_attribute():
    text = render_html("t", [Paragraph((Link("x", 'a" onclick="y'),))], {})
    assert 'onclick="y' not in text


@pytest.mark.parametrize(
    ("text", "public"),
    [
        ("open /home/jane/models/x.gguf now", "open …/x.gguf now"),
        ("path:/srv/data/llama", "path:…/llama"),
        ("~/.cache/harness/a", "…/a"),
        ("C:\\Users\\jane\\a.txt", "…/a.txt"),
        ("'/tmp/x/y.json': no", "'…/y.json': no"),
        ("https://arxiv.org/abs/2310.06824", "https://arxiv.org/abs/2310.06824"),
        ("replications/paper/name", "replications/paper/name"),
        ("true/false, and/or, 3/4", "true/false, and/or, 3/4"),
        ("\\alpha\\beta", "\\alpha\\beta"),
    ],
)
def test_rooted_paths_are_cut_to_their_last_part(text: str, public: str):
    assert without_machine_paths(text) == public


def test_long_text_is_cut_at_a_word_with_an_ellipsis():
    assert shortened("one two three", 9) == "one two…"
    assert shortened("one two", 9) == "one two"
    assert len(shortened("x" * 50, 9)) == 9
