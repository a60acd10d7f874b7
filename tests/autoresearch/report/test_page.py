"""What the report says, that it says all of it, and that nothing a candidate wrote acts in it."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from harness.autoresearch.campaign import Campaign
from harness.autoresearch.report.write import write_report
from harness.record import HarnessError
from tests.autoresearch.report.told import HOSTILE, Teller, recipe


@pytest.fixture(scope="module")
def markdown(sealed: Campaign) -> str:
    return write_report(sealed).read_text()


@pytest.fixture(scope="module")
def html(sealed: Campaign) -> str:
    return write_report(sealed).with_suffix(".html").read_text()


@pytest.fixture(scope="module")
def under_way(unsealed: Campaign) -> str:
    return write_report(unsealed).read_text()


class Tags(HTMLParser):
    """Every start tag with its attributes, as a browser reads them."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def section(markdown: str, title: str) -> str:
    return markdown.split(f"\n## {title}\n")[1].split("\n## ")[0]


def rows(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[each.strip() for each in line.strip("| ").split(" | ")] for line in lines[1:]]


def test_the_first_lines_give_the_gain_on_every_tier(markdown: str) -> None:
    top = markdown.split("\n## ")[0]
    assert "**3 changes kept in 14 trials.**" in top
    table = {row[0].split("<br>")[0]: row[-1] for row in rows(top)}
    assert list(table) == [f"**{n}**" for n in ("dev", "gate", "shrunken", "confirmed", "sealed")]
    assert table["**dev**"].startswith("**+0.0570")
    assert table["**sealed**"].startswith("**+0.0470")
    assert "sealed world **-0.0100**" in top
    assert "unsafe" not in top and "secret" not in top and "Not sealed" not in top


def test_what_speaks_against_a_result_stands_beside_it(under_way: str) -> None:
    top = under_way.split("\n## ")[0]
    assert "**unsafe**" in top
    assert "**The secret is known**" in top
    assert "**Not sealed yet**" in top
    last = rows(top)[-1]
    assert last[0] == "**sealed**<br><sub>not yet</sub>"
    assert last[1:] == ["—"] * 4


def test_every_trial_is_in_the_table_with_its_outcome(markdown: str) -> None:
    table = rows(section(markdown, "Trials"))
    assert [re.findall(r"\d+", row[0])[0] for row in table] == [str(n) for n in range(1, 15)]
    words = [re.findall(r"\*\*(\w+)\*\*", row[2])[0] for row in table]
    kept = {3: "kept", 8: "kept", 12: "kept", 4: "refused", 11: "refused", 7: "loophole"}
    rest = {5: "invalid", 14: "invalid"}
    assert words == [{**kept, **rest}.get(n, "rejected") for n in range(1, 15)]


def test_tests_are_shown_against_their_levels_and_early_ends_as_such(markdown: str) -> None:
    table = {int(re.findall(r"\d+", row[0])[0]): row for row in rows(section(markdown, "Trials"))}
    assert "no\u00a0look" in table[2][4]
    assert table[8][4].endswith("≤\u00a00.0016")
    assert "&gt;\u00a00.0500" in table[9][5]
    assert table[9][6] == "gate: it did not hold on fresh seeds"
    assert table[1][3].endswith("1 pair</sub>")
    assert table[5][3:6] == ["—", "—", "—"]


def test_losses_refusals_failures_and_loopholes_have_their_sections(markdown: str) -> None:
    ablated = rows(section(markdown, "Leave-one-out"))
    assert [row[-1] for row in ablated] == ["needed", "needed", "left out"]
    assert ablated[1][2] == "— it does not run without"
    assert [row[2] for row in rows(section(markdown, "Refused"))] == ["duplicate", "contract"]
    assert "**1** × l0" in section(markdown, "Runs without a score")
    assert "PYTHONHASHSEED" in section(markdown, "Loopholes reported")


def test_costs_alpha_and_digests_are_told(sealed: Campaign, markdown: str) -> None:
    assert "\\$0.54, 11 proposals without a known price" in section(markdown, "Cost")
    assert "**0.0275**; left: **0.0225**" in section(markdown, "Error budget")
    again = section(markdown, "Check it, run it again")
    assert sealed.ledger.head in again
    assert sealed.begun.software in again


def test_an_unpriced_campaign_costs_an_unknown_sum(tmp_path: Path) -> None:
    tell = Teller(tmp_path)
    tell.rejected("worse", recipe(0.002), -0.01, 3)
    cost = section(write_report(tell.campaign).read_text(), "Cost")
    assert "Paid to models: **unknown**; tokens: **unknown**" in cost


def test_a_campaign_without_a_keep_says_so(tmp_path: Path) -> None:
    text = write_report(Teller(tmp_path).campaign).read_text()
    assert "**No change was kept in 0 trials.**" in text
    assert "There is none yet." in section(text, "Trials")


def test_nothing_that_a_candidate_wrote_is_markup(html: str) -> None:
    tags = Tags()
    tags.feed(html)
    assert not {tag for tag, _ in tags.seen} & {"script", "iframe", "object", "link", "base"}
    assert not [name for _, found in tags.seen for name in found if name.startswith("on")]
    sources = [found["src"] or "" for tag, found in tags.seen if tag == "img"]
    assert sources and all(each.startswith("data:image/png;base64,") for each in sources)
    targets = [found["href"] or "" for tag, found in tags.seen if tag == "a"]
    assert targets and all(each.startswith("#trial-") for each in targets)
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    assert f'content="{policy}"' in html


def test_hostile_text_is_shown_and_its_invisible_characters_are_not(html: str) -> None:
    assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;" in html
    assert "\u202e" in HOSTILE and "\u202e" not in html
    assert "\x1b" not in html


def test_no_log_ends_its_own_fence(markdown: str) -> None:
    """Read as GitHub reads it: lines between two fences of the same length are no markup."""
    outside: list[str] = []
    fence = ""
    for line in markdown.splitlines():
        opened = re.match(r"`{3,}", line)
        if fence:
            fence = "" if line == fence else fence
        elif opened:
            fence = opened[0]
        else:
            outside.append(line)
    assert not fence
    assert "onerror" in markdown
    assert not [line for line in outside if "onerror" in line or "<img" in line]
    details = [line for line in outside if line.startswith(("<details", "</details"))]
    assert details == ["<details>", "</details>"] * (len(details) // 2)


def test_an_altered_recipe_is_not_shown_as_the_winner(tmp_path: Path) -> None:
    tell = Teller(tmp_path)
    path = tmp_path / "store" / tell.baseline
    path.chmod(0o600)
    path.write_text('{"code": "", "knobs": ""}')
    with pytest.raises(HarnessError, match="altered"):
        write_report(tell.campaign)
