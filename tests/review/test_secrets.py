"""Keys are found, and never repeated. Those planted here are made up, and put together in parts."""

import json

import pytest

from harness.review.rules.secrets import entropy, secrets
from tests.review.planted import HONEST, found, honest, submission

TAIL = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dF3gH5"
KEYS = [
    "ghp_" + TAIL,
    "github_pat_" + TAIL,
    "AKIA" + "Q7WERTYUIOP3SDFG",
    "sk-ant-" + "api03-" + TAIL,
    "sk-" + "proj-" + TAIL,
    "hf_" + TAIL,
    "xoxb-" + "123456789012-" + TAIL,
    "AIza" + TAIL[:35],
    "npm_" + TAIL,
    "pypi-" + TAIL + TAIL,
    "eyJhbGciOiJI.eyJzdWIiOiIx." + TAIL,
    "-----BEGIN RSA " + "PRIVATE KEY-----",
    "https://user:" + "hunter2hunter2" + "@example.org/x",
    "password = " + "tR4v9!kQz2#mPx7L",
    "api_key: '" + TAIL + "'",
]


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("name", ["report.md", "replication.yaml", "verdicts.json", "tables/a.csv"])
def test_a_key_is_a_blocker_whose_message_does_not_repeat_it(key: str, name: str) -> None:
    content = json.dumps({"why": f"see {key}"}) if name.endswith("json") else f"first\nsee {key}\n"
    (finding,) = (x for x in secrets(submission({name: content})) if x.severity == "blocker")
    assert finding.rule == "secret" and finding.line == (1 if name.endswith("json") else 2)
    assert not any(key[start : start + 7] in finding.message for start in range(4, len(key) - 6))


def test_a_key_that_json_spells_with_escapes_is_found() -> None:
    spelled = "".join(f"\\u{ord(char):04x}" for char in KEYS[0])
    assert found(secrets, {"verdicts.json": f'{{"reason": "{spelled}"}}'}) == {
        ("secret", "blocker", "verdicts.json", 1)
    }


def test_paths_of_machines_are_warnings_and_addresses_notes() -> None:
    text = "fine\nread /home/" + "anna/data and C:\\Users\\" + "Anna\nwrite to anna@example.org\n"
    assert found(secrets, {"report.md": text}) == {
        ("machine-path", "warning", "report.md", 2),
        ("e-mail", "note", "report.md", 3),
    }


@pytest.mark.parametrize(
    "text",
    [
        "tokens: 24\npassword: required\n",
        "token: the one before the last\nsecret = reproducibility\n",
        "layers 3/home/x and https://example.org/home/anna\n",
        '{"items":{"scores":"eJxjYBgYAAAAeAAB' + TAIL * 20 + '"}}',
        "sha256: e226753570c2c4030fe96a7d9644614171ce00a3213cdde005d3eb4e006d4ed0",
        "task-and-position-and-something-longer, risk-neutral-and-then-some-more",
    ],
)
def test_words_digests_and_packed_scores_are_no_keys(text: str) -> None:
    assert not found(secrets, {"measurements/a.jsonl": text})


def test_an_image_in_a_page_is_no_key() -> None:
    page = '<img alt="" src="data:image/png;base64,' + "hf_".join([TAIL * 3] * 3).replace("_", "+")
    assert not found(secrets, {"report.html": page + '">'})


def test_entropy_of_equal_and_of_different_characters() -> None:
    assert entropy("aaaa") == 0 and entropy("abcd") == 2 and entropy("aabb") == 1


@pytest.mark.parametrize("name", HONEST)
def test_committed_replications_hold_no_secret(name: str) -> None:
    assert not list(secrets(honest(name)))
