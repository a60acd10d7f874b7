import pytest

from harness.explorer.markup import Markup, element, join


def test_text_and_attributes_are_escaped_and_markup_is_not_escaped_twice() -> None:
    inner = element("b", "<i> & 'x'")
    assert inner == "<b>&lt;i&gt; &amp; &#x27;x&#x27;</b>"
    assert element("p", inner, title='"><script>') == (
        f'<p title="&quot;&gt;&lt;script&gt;">{inner}</p>'
    )


def test_attributes_that_are_not_set_are_left_out_and_zero_is_set() -> None:
    made = element("a", class_="k", hidden=True, id=None, open=False, data_code=0)
    assert made == '<a class="k" hidden data-code="0"></a>'


def test_an_empty_element_closes_itself_and_takes_no_content() -> None:
    assert element("rect", width=1) == '<rect width="1"/>'
    with pytest.raises(AssertionError, match="text"):
        element("img", "text")


def test_pieces_are_joined_by_escaped_text_and_what_lies_deeper_by_nothing() -> None:
    assert join(["a", ["b", [Markup("<br>")]], "<"], " & ") == "a &amp; b<br> &amp; &lt;"
