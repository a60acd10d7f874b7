"""Keys, passwords, machine paths and addresses. A finding names the kind and never the secret."""

import re
from collections import Counter
from collections.abc import Iterator
from math import log2

from harness.review.finding import Finding, Severity
from harness.review.rules.texts import Text, matches, texts
from harness.review.submission import Submission

_KEYS: tuple[tuple[str, str], ...] = (
    ("GitHub", r"gh[pousr]_[A-Za-z0-9]{30,}"),
    ("GitHub", r"github_pat_[A-Za-z0-9_]{22,}"),
    ("GitLab", r"glpat-[A-Za-z0-9_-]{20,}"),
    ("AWS", r"(?:AKIA|ASIA)[A-Z0-9]{16}"),
    ("Anthropic", r"sk-ant-[A-Za-z0-9_-]{16,}"),
    ("OpenAI", r"sk-(?:proj-|svcacct-)?(?!ant-)[A-Za-z0-9_-]{20,}"),
    ("Hugging Face", r"hf_[A-Za-z0-9]{30,}"),
    ("Slack", r"xox[abeprs]-[A-Za-z0-9-]{10,}"),
    ("Google", r"AIza[A-Za-z0-9_-]{35}"),
    ("npm", r"npm_[A-Za-z0-9]{36}"),
    ("PyPI", r"pypi-[A-Za-z0-9_-]{50,}"),
    ("Weights & Biases or similar, in an address", r"https?://[^/\s:@]+:[^/\s:@]{6,}@"),
    ("JSON web token", r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"),
    ("private key", r"-----BEGIN [A-Z ]*PRIVATE KEY"),
)
_KEY = re.compile(
    r"(?<![A-Za-z0-9+/=_-])(?:"
    + "|".join(f"(?P<k{place}>{pattern})" for place, (_, pattern) in enumerate(_KEYS))
    + ")"
)
_ASSIGNED = re.compile(
    r"(?i)\b(?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|credential)s?"
    r"[\"']?\s{0,3}[:=]\s{0,3}[\"']?([^\s\"',;{}]{12,200})"
)
_MACHINE = re.compile(
    r"(?<![\w.])/(?:home|Users)/[A-Za-z0-9._-]+|(?<![\w.])/root/\w|\b[A-Za-z]:\\{1,2}Users\\{1,2}\w"
)
_MAIL = re.compile(
    r"(?<![\w.+-])[A-Za-z0-9][A-Za-z0-9._+-]{0,63}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+"
)
_SHOWN = 4
_ENTROPY = 3.5
"""Bits a character. Words of English have about 3, keys of 20 random characters over 3.8."""


def secrets(submission: Submission) -> Iterator[Finding]:
    """Keys of known forms and assigned passwords (blockers), machine paths, addresses."""
    for text in texts(submission):
        shown = Text(text.path, text.suffix, text.shown)
        yield from _keys(shown)
        yield from _assigned(shown)
        for line, _ in matches(_MACHINE, text.raw):
            message = "a path of somebody's machine, with the name of its user"
            yield _finding("machine-path", text, line, message, severity="warning")
        for line, _ in matches(_MAIL, shown.raw):
            yield _finding("e-mail", text, line, "an e-mail address", severity="note")


def _keys(text: Text) -> Iterator[Finding]:
    for line, match in matches(_KEY, text.raw):
        kind = next(name for place, (name, _) in enumerate(_KEYS) if match[f"k{place}"] is not None)
        message = f"looks like a key ({kind}, {match[0][:_SHOWN]}…): withdraw it and take it out"
        yield _finding("secret", text, line, message)


def _assigned(text: Text) -> Iterator[Finding]:
    for line, match in matches(_ASSIGNED, text.raw, unless=_is_plain):
        yield _finding(
            "secret", text, line, f"looks like a password or key of {len(match[1])} characters"
        )


def _is_plain(match: re.Match[str]) -> bool:
    """A word or a number, or a key of a known form, which is named by itself."""
    value = match[1]
    mixed = any(map(str.isdigit, value)) and any(map(str.isalpha, value))
    return not mixed or entropy(value) < _ENTROPY or _KEY.match(value) is not None


def entropy(text: str) -> float:
    """Shannon's entropy of the characters of a text, in bits a character."""
    counts = Counter(text).values()
    return -sum(count / len(text) * log2(count / len(text)) for count in counts)


def _finding(
    rule: str, text: Text, line: int, message: str, *, severity: Severity = "blocker"
) -> Finding:
    return Finding(
        rule=rule, axis="safety", severity=severity, path=text.path, line=line, message=message
    )
