from pathlib import Path

import pytest

from harness.paper import PaperSpec
from harness.problems import did_you_mean
from harness.record import HarnessError
from harness.specs import ReplicationSpec

PAPER = """\
id: p
title: A paper
authors: [A]
year: 2024
url: https://example.org
setup: {models: [m], data: original}
claims:
  - id: c
    statement: s
    source: {section: "1", quote: q, status: read}
    scope: general
    expects:
      kind: bound
      quantity: {metric: accuracy_binary, where: {layer: 3}}
      side: at_least
      limit: 0.7
"""


def load(tmp_path: Path, text: str) -> PaperSpec:
    path = tmp_path / "paper.yaml"
    path.write_text(text)
    return PaperSpec.load(path)


def test_sound_paper_loads(tmp_path: Path) -> None:
    assert load(tmp_path, PAPER).claims[0].id == "c"


@pytest.mark.parametrize(
    ("good", "bad", "message"),
    [
        ("title:", "titel:", ":2: titel: unknown key 'titel'; did you mean 'title'?"),
        ("quote: q", "qoute: q", ":10: claims[0].source.qoute: unknown key 'qoute'; did you mean"),
        ("limit: 0.7", "limt: 0.7", ":16: claims[0].expects.limt: unknown key 'limt'; did you"),
        ("where: {layer", "wehre: {layer", ":14: claims[0].expects.quantity.wehre: unknown key"),
        ("kind: bound", "kind: bond", ":12: claims[0].expects: Input tag 'bond'"),
        ("status: read", "status: memory", ":10: claims[0].source.status: Input should be 'read'"),
        ("    scope: general\n", "", ":8: claims[0].scope: Field required"),
        ("layer: 3", "layer: true", ":14: claims[0].expects.quantity.where.layer: Input should"),
        ("accuracy_binary", "acuracy_binary", "did you mean 'accuracy_binary'?"),
        ("limit: 0.7", "limit: 0.5", "claims[0].expects: limit: at_least 0.5 is met by chance"),
    ],
)
def test_a_mistake_is_named_by_file_line_and_key(
    tmp_path: Path, good: str, bad: str, message: str
) -> None:
    with pytest.raises(HarnessError) as caught:
        load(tmp_path, PAPER.replace(good, bad, 1))
    assert f"{tmp_path}/paper.yaml:" in str(caught.value)
    assert message in str(caught.value)


def test_every_mistake_has_a_line_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(HarnessError) as caught:
        load(tmp_path, PAPER.replace("title:", "titel:").replace("quote: q", "qoute: q"))
    shown = [line.split(": ")[1] for line in str(caught.value).splitlines()]
    assert shown == ["title", "claims[0].source.quote", "claims[0].source.qoute", "titel"]


def test_valid_keys_are_listed_and_nothing_far_is_guessed(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match=r"unknown key 'zzz'; valid: kind, limit"):
        load(tmp_path, PAPER.replace("      limit: 0.7", "      limit: 0.7\n      zzz: 1"))


def test_mistake_in_an_experiment_names_its_key(tmp_path: Path) -> None:
    path = tmp_path / "replication.yaml"
    path.write_text(
        "id: r\npaper: p\nexperiments:\n  - family: probing\n    id: e\n    model: m\n"
        "    seeds: [0]\n    probes: [mass_men]\n    train: [cities]\n    test: [cities]\n"
        "    fold: 3\n"
    )
    with pytest.raises(HarnessError) as caught:
        ReplicationSpec.load(path)
    assert "replication.yaml:8: experiments[0].probes[0]: Input should be" in str(caught.value)
    assert (
        "replication.yaml:11: experiments[0].fold: unknown key 'fold'; did you mean 'folds'?"
        in (str(caught.value))
    )


def test_guess_is_made_only_where_a_choice_is_near() -> None:
    assert did_you_mean("citties", ["cities", "logic"]) == (
        "; did you mean 'cities'? valid: cities, logic"
    )
    assert did_you_mean("xyz", ["cities", "logic"]) == "; valid: cities, logic"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("title: TODO", "paper.yaml:2: title: still to write"),
        ('title: "TODO word for\n  word"', "paper.yaml:2: title: still to write: word for word"),
        ('title: "..."', "paper.yaml:2: title: still to write"),
        ("title: [A, {b: [TODO]}]", "paper.yaml:2: title[1].b[0]: still to write"),
    ],
)
def test_a_placeholder_is_refused_with_line_and_key(
    tmp_path: Path, written: str, told: str
) -> None:
    with pytest.raises(HarnessError) as refused:
        load(tmp_path, PAPER.replace("title: A paper", written))
    assert str(refused.value) == f"{tmp_path}/{told}"


@pytest.mark.parametrize("title", ['"TODO: fix it"', '"A … paper"', "My TODO list", '"a..."'])
def test_words_that_look_like_a_placeholder_are_words(tmp_path: Path, title: str) -> None:
    assert load(tmp_path, PAPER.replace("A paper", title)).title == title.strip('"')


def test_placeholders_are_told_all_at_once_and_one_behind_aliases_once(tmp_path: Path) -> None:
    text = PAPER.replace("[A]", "[&a TODO, *a, *a]").replace("2024", "TODO")
    with pytest.raises(HarnessError) as refused:
        load(tmp_path, text)
    assert [line.split(": ")[1] for line in str(refused.value).splitlines()] == [
        "authors[0]",
        "year",
    ]
