"""Texts that are made to keep a reader busy: time grows with their length, and not its square."""

import pytest

from harness.review.rules import ON_BYTES
from tests.review.planted import submission

LENGTH = 150_000
"""Characters. Work that grows with the square of this takes minutes; the limit is seconds."""
HOSTILE = {
    "open comments": "<!--",
    "open tags": "<a ",
    "open quotes in tags": "<a b='>",
    "open brackets": "[",
    "images that never end": "![",
    "links that never end": "](",
    "escaped quotes": '\\"',
    "backslashes": "\\",
    "digits with gaps": "9" * 399 + " ",
    "runs that are almost long": "Qm" * 99 + " ",
    "phrases that never end": "ignore ",
    "blanks": "ignore" + " " * 500,
    "nested lists": "- ",
    "nested keys": "? ",
    "anchors": "&a ",
    "quotes": "'",
    "ampersands": "&",
    "entities": "&#8",
    "fences": "```\n",
    "keys": "eyJ" * 9 + ".",
    "addresses": "a.a-",
    "cells": "=A",
    "lines": "0\n",
}


@pytest.mark.timeout(30)
@pytest.mark.parametrize("unit", list(HOSTILE.values()), ids=list(HOSTILE))
def test_hostile_text_is_read_in_time_that_grows_with_its_length(unit: str) -> None:
    text = unit * (LENGTH // len(unit))
    kinds = (
        "report.md",
        "report.html",
        "replication.yaml",
        "verdicts.json",
        "tables/a.csv",
        "a.svg",
    )
    given = submission(dict.fromkeys(kinds, text))
    findings = [finding for rule in ON_BYTES for finding in rule(given)]
    assert all(len(finding.message) < 500 for finding in findings)
    assert len(findings) < 500
