"""What the report says, and that it says nothing that is not measured."""

import re
from html.parser import HTMLParser

import pytest

from harness.estimate import Estimate
from harness.examine import NamedEstimate
from harness.measurement import Failure
from harness.report.comparison import comparisons
from harness.report.figures.style import Drawing
from harness.report.html import render_html
from harness.report.markdown import render_markdown
from harness.report.marks import LOOKS
from harness.report.material import Material
from harness.report.page import report_page
from harness.verdict import Verdict

PIXEL = b"not really a PNG"


@pytest.fixture(scope="module")
def markdown(material: Material) -> str:
    return render_markdown(pages(material))


@pytest.fixture(scope="module")
def html(material: Material, drawn: dict[str, Drawing]) -> str:
    images = {f"figures/{name}.png": PIXEL for name in drawn}
    page = report_page(material, comparisons(material), list(drawn.values()))
    return render_html("Title", page, images)


class Tags(HTMLParser):
    """Every start tag with its attributes, as a browser reads them."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, list[tuple[str, str | None]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, attrs))


def pages(material: Material):
    return report_page(material, comparisons(material), [])


def verdict_rows(markdown: str) -> list[str]:
    part = markdown.split("## Verdicts")[1].split("## Evidence")[0].split('<a id="tables">')[0]
    return [line for line in part.splitlines() if line.startswith("| ") and "#claim-" in line]


def changed(material: Material, claim: str, **fields: object) -> Material:
    """The same material with one verdict altered."""
    verdicts = [
        Verdict.model_validate({**each.model_dump(), **fields}) if each.claim == claim else each
        for each in material.verdicts
    ]
    return Material(
        paper=material.paper,
        spec=material.spec,
        measurements=material.measurements,
        verdicts=verdicts,
    )


def test_planted_verdicts_cover_every_outcome(material: Material):
    assert {verdict.outcome for verdict in material.verdicts} == set(LOOKS) - {
        "agrees",
        "undecided",
        "differs",
    }


def test_every_outcome_stands_in_its_row_with_symbol_and_word(material: Material, markdown: str):
    rows = {re.search(r"#claim-([\w-]+)", row)[1]: row for row in verdict_rows(markdown)}
    assert set(rows) == {verdict.claim for verdict in material.verdicts}
    for verdict in material.verdicts:
        look = LOOKS[verdict.outcome]
        assert f"{look.emoji}&nbsp;**{look.word}**" in rows[verdict.claim]


def test_symbols_differ_in_shape_and_not_in_colour_alone():
    assert len({look.emoji for look in LOOKS.values()}) == len(LOOKS)
    assert len({look.glyph for look in LOOKS.values()}) == len(LOOKS)


def test_verdicts_come_before_figures_and_tables(markdown: str):
    order = ("## Verdicts", "## The paper's tables", "## Evidence", "## Deviations", "## Run it")
    places = [markdown.index(heading) for heading in order]
    assert places == sorted(places)


def test_share_of_judged_claims_counts_neither_untested_nor_unjudged_ones(markdown: str):
    assert "**2 of 6 judged claims replicated (33%).**" in markdown


def test_secondary_source_is_marked_in_table_evidence_and_claimed_table(markdown: str):
    row = next(row for row in verdict_rows(markdown) if "#claim-sign-flip" in row)
    assert "**⚠ secondary**" in row
    evidence = markdown.split('<a id="claim-sign-flip">')[1].split("</details>")[0]
    assert evidence.count("⚠ secondary") == 2
    table = markdown.split('<a id="table-transfer">')[1][:400]
    assert "⚠ secondary" in table


def test_source_that_was_read_is_not_marked(markdown: str):
    row = next(row for row in verdict_rows(markdown) if "#claim-antipodal" in row)
    assert "secondary" not in row


def test_every_number_found_here_is_in_the_verdicts(material: Material, markdown: str):
    for row in verdict_rows(markdown):
        claim = re.search(r"#claim-([\w-]+)", row)[1]
        verdict = next(each for each in material.verdicts if each.claim == claim)
        here = row.split(" | ")[2].split("<br><sub>n =")[0]
        known = [
            end
            for each in verdict.estimates
            for end in (each.estimate.mean, each.estimate.low, each.estimate.high)
        ]
        for number in re.findall(r"-?\d+\.\d+", here):
            places = len(number.split(".")[1])
            assert any(abs(float(number) - value) <= 0.5001 * 10**-places for value in known)


def test_control_of_a_failed_claim_is_shown_as_measured(markdown: str):
    row = next(row for row in verdict_rows(markdown) if "#claim-numbers-transfer" in row)
    assert re.search(r"shuffled\u00a0labels </sub><sub>0\.\d{3}", row)


def test_claim_without_control_has_a_dash(markdown: str):
    row = next(row for row in verdict_rows(markdown) if "#claim-translation" in row)
    assert row.split(" | ")[3] == "—"


def test_control_that_was_not_measured_has_a_dash(material: Material):
    rows = [row for row in material.measurements if row.control != "bag_of_words"]
    bare = Material(
        paper=material.paper, spec=material.spec, measurements=rows, verdicts=material.verdicts
    )
    row = next(r for r in verdict_rows(render_markdown(pages(bare))) if "#claim-linear" in r)
    assert "bag\u00a0of\u00a0words </sub>—<sub> not measured" in row


def test_estimate_without_interval_has_a_dash_and_no_none(material: Material):
    lone = Estimate(mean=0.8, stderr=None, seed_stderr=None, low=None, high=None, n=9, seeds=1)
    named = NamedEstimate(name="x", estimate=lone)
    altered = changed(material, "translation", estimates=(named.model_dump(),))
    text = render_markdown(pages(altered))
    row = next(row for row in verdict_rows(text) if "#claim-translation" in row)
    assert "**0.800\u00a0\\[—\\]**" in row


def test_neither_nan_nor_none_is_printed(markdown: str, html: str):
    body = html.split("<body>")[1]
    for text in (markdown, body):
        assert not re.search(r"\b(nan|NaN|None|inf)\b", text)


def test_unmeasured_cell_is_a_dash_beside_the_papers_number(markdown: str):
    row = next(line for line in markdown.splitlines() if line.startswith("| **conj** |"))
    assert row.count("—<br><sub>paper 0.") == 5
    assert "not in the paper" in row


def test_exact_table_says_that_it_is_not_judged(markdown: str):
    assert "Shown, not judged: the paper's numbers are for its own model and scale." in markdown


def test_untested_claim_and_deviation_and_failure_are_listed(markdown: str):
    assert "## Claims not tested" in markdown
    assert "runs on a laptop" in markdown
    assert "No space left" in markdown


def test_commands_name_the_folder_and_the_model(markdown: str):
    assert "harness rerun replications/geometry-of-truth/smollm2-135m\n" in markdown
    assert "harness replicate geometry-of-truth --model smollm2-135m-instruct" in markdown


def test_no_machine_path_reaches_the_page(markdown: str, html: str):
    for text in (markdown, html):
        assert "/home/" not in text
        assert "somebody" not in text
        assert "…/model.safetensors" in text


def test_untouched_error_would_carry_the_path(material: Material):
    assert isinstance(material.failures[0], Failure)
    assert "/home/somebody" in material.failures[0].error


def test_html_loads_nothing_and_runs_nothing(html: str):
    tags = Tags()
    tags.feed(html)
    names = {name for name, _ in tags.seen}
    assert not names & {"script", "link", "iframe", "object", "embed", "base", "form", "svg"}
    attributes = [pair for _, found in tags.seen for pair in found]
    assert not [key for key, _ in attributes if key.startswith("on") or key in ("srcset", "style")]
    assert all(str(value).startswith("data:") for key, value in attributes if key == "src")
    assert "url(" not in html.split("</style>")[0]
    assert "default-src 'none'" in html


def test_hostile_statement_stays_text_in_html(html: str):
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<img src=http" not in html


def test_hostile_statement_stays_text_and_keeps_the_row_whole_in_markdown(markdown: str):
    assert "<script" not in markdown
    assert "<img" not in markdown
    row = next(row for row in verdict_rows(markdown) if "#claim-linear" in row)
    assert len(re.findall(r"(?<!\\)\|", row)) == 6


def test_markdown_and_html_have_the_same_rows(markdown: str, html: str):
    plain = markdown.split("```sh")[0]
    rows = sum(line.startswith("| ") for line in plain.splitlines())
    assert html.split("<pre>")[0].count("<tr>") == rows
