import base64
import hashlib
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from harness.features.chosen import Place
from harness.features.comparing import Side, compare
from harness.features.corpus import Corpus, corpus_of
from harness.features.details import FeatureDetails
from harness.features.page.pages import compare_page, feature_page, index_page, row_of
from harness.features.writing import write_dashboards
from harness.models.language_model import LanguageModel
from harness.record import HarnessError
from harness.transcoders.sets import TranscoderSet
from tests.features.conftest import CONSTANT, ON_Q, SILENT, TWIN

Look = Callable[..., list[FeatureDetails]]
HOSTILE = '</span><script>alert("q")</script><img src=http://example.org/q>'


class Tags(HTMLParser):
    """Start tags with their attributes, and the text of the page, as a browser reads them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def pages(lm: LanguageModel, planted: TranscoderSet, corpus: Corpus, look: Look) -> dict[str, str]:
    hostile = corpus_of(lm, f"{HOSTILE} corpus", [HOSTILE, "qq"], context=128)
    features = look(hostile, ON_Q, SILENT, CONSTANT)
    compared = compare(lm, Side(planted, Place(0, ON_Q)), Side(planted, Place(0, SILENT)), hostile)
    twins = compare(lm, Side(planted, Place(0, ON_Q)), Side(planted, Place(0, TWIN)), corpus)
    return {
        "feature": feature_page(features[0], home="../index.html"),
        "silent": feature_page(features[1]),
        "compared": compare_page(compared),
        "twins": compare_page(twins),
        "index": index_page([row_of(each, "0/0.html") for each in features], features[0].source),
    }


PAGES = ("feature", "silent", "compared", "twins", "index")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_loads_nothing_and_runs_nothing(pages: dict[str, str], name: str) -> None:
    tags = Tags(pages[name])
    forbidden = {"script", "link", "iframe", "object", "embed", "base", "form", "img", "image"}
    assert not {tag for tag, _ in tags.seen} & forbidden
    keys = {key for _, attributes in tags.seen for key in attributes}
    assert not [key for key in keys if key.startswith("on") or key in ("src", "srcset", "style")]
    assert "url(" not in pages[name].split("</style>")[0]


@pytest.mark.parametrize("name", PAGES)
def test_the_policy_allows_the_style_of_the_page_and_nothing_else(
    pages: dict[str, str], name: str
) -> None:
    style = pages[name].split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    (policy,) = (
        attributes["content"]
        for tag, attributes in Tags(pages[name]).seen
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )


@pytest.mark.parametrize("name", ["feature", "compared", "index"])
def test_hostile_text_of_a_corpus_stays_text(pages: dict[str, str], name: str) -> None:
    assert HOSTILE in Tags(pages[name]).text
    assert "<script" not in pages[name]


@pytest.mark.parametrize("name", PAGES)
def test_what_is_not_known_is_a_dash(pages: dict[str, str], name: str) -> None:
    text = Tags(pages[name]).text
    assert not re.search(r"\b(nan|None|inf)\b", text.split("}")[-1])
    if name in ("silent", "compared", "index"):
        assert "—" in text


def test_a_feature_that_never_fires_says_so(pages: dict[str, str]) -> None:
    assert "It never fires on this corpus." in pages["silent"]
    assert "<rect" not in pages["silent"].split("<h3>Logits")[0]
    assert "It never fires on this corpus." not in pages["feature"]


def test_only_tokens_at_which_it_fires_are_marked(pages: dict[str, str]) -> None:
    marked = re.findall(
        r'<span class="a\d(?: peak)?" title="[^"]+">([^<]*)</span>', pages["feature"]
    )
    assert marked
    assert set(marked) == {"q"}


def test_numbers_of_a_comparison_stand_above_both_sides(pages: dict[str, str]) -> None:
    for said in ("+1.000", "−1.000", "5 tokens"):
        assert said in pages["twins"].split('<div class="pair two">')[0]
    assert pages["twins"].count("<h2>") == 2


def test_colours_follow_the_readers_theme(pages: dict[str, str]) -> None:
    assert "@media (prefers-color-scheme: dark)" in pages["feature"]


@pytest.mark.parametrize(("naming", "file"), [("layer", "1/2"), ("cantor", "8")])
def test_a_folder_holds_a_file_and_a_page_a_feature_and_a_list(
    look: Look, corpus: Corpus, tmp_path: Path, naming: str, file: str
) -> None:
    found = look(corpus, 2, 7, layer=1)
    write_dashboards(found, tmp_path, naming=naming, total=2)
    assert len(list(tmp_path.rglob("*.json"))) == 2
    assert FeatureDetails.load(tmp_path / f"{file}.json").index == 2
    hrefs = [
        each["href"] for tag, each in Tags((tmp_path / "index.html").read_text()).seen if tag == "a"
    ]
    assert hrefs[0] == f"{file}.html"
    page = Tags((tmp_path / hrefs[0]).read_text())
    (back,) = [each["href"] for tag, each in page.seen if tag == "a"]
    assert ((tmp_path / hrefs[0]).parent / back).resolve() == tmp_path / "index.html"


def test_a_folder_of_no_features_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="no feature was chosen"):
        write_dashboards([], tmp_path, total=0)
    assert not list(tmp_path.iterdir())
