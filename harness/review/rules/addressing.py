"""Text that speaks to whoever reviews, or to a model that reads along, instead of to a reader.

Hidden characters and the marks of a chat template are blockers; phrases are warnings, since a
paper on instructions may quote one.
"""

import re
from collections.abc import Iterator

from harness.review.finding import Finding, Severity
from harness.review.rules.texts import Text, matches, texts
from harness.review.submission import Submission

_TAG = "\U000e0000-\U000e007f"
_BIDI = "\u202a-\u202e\u2066-\u2069"
_HIDDEN = re.compile(
    rf"[{_TAG}{_BIDI}\u200b\u200c\u200e\u200f\u2060-\u2064\u206a-\u206f\u00ad\ufeff\u180e"
    rf"\u115f\u1160\u3164\uffa0\ufff9-\ufffb\U000e0100-\U000e01ef]"
    r"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]"
)
"""Characters that no reader sees: Unicode tags, directions, zero widths, fillers, controls.

The zero-width joiner is left out: emoji are made with it.
"""
_JOINED = re.compile(r"(?<=[A-Za-z0-9])\u200d|\u200d(?=[A-Za-z0-9])")
_CHAT = re.compile(
    r"<\|?(?:im_start|start_header_id|start_of_turn)\|?>\s{0,3}"
    r"(?:system|user|assistant|developer|model)"
    r"|<\|(?:im_end|endoftext|eot_id)\|>\s{0,3}<\|?im_start"
    r"|\[/?INST\]|<</?SYS>>|<\|(?:system|assistant|user)\|>"
    r"|</?(?:system|assistant|instructions?|system_prompt|function_calls|tool_call)>"
    r"|(?:^|\n)[ \t>#*\"'-]{0,8}(?:system|assistant|human)[ \t]{0,2}(?:prompt|message)?"
    r"[*_]{0,2}:[ \t]+"
    r"(?=[^\n]{0,200}\b(?:you|your|ignore|must|instructions?|verdict|review|approve)\b)",
    re.IGNORECASE,
)
_WORDS = (
    r"(?:ignore|disregard|forget|override|bypass) (?:\w{1,30} ){0,3}"
    r"(?:instructions?|prompts?|rules|guidelines|context|directions)\b",
    r"(?:ignore|disregard) (?:(?:all|any|the|every) )?(?:previous|prior|above|earlier|preceding)\b",
    r"you are (?:now )?(?:an? )?(?:\w{1,30} )?"
    r"(?:reviewer|referee|grader|judge|assistant|language model|AI|LLM|agent)\b",
    r"as (?:an?|the) (?:AI |LLM )?(?:reviewer|referee|grader)\b",
    r"(?:dear|note to|attention|message to|message for|instructions? to|instructions? for)[\s,:]"
    r"(?:\s{0,9}(?:an?|the|any|all) )?(?:(?:AI|LLM|automated|language model) )?"
    r"(?:reviewers?|referees?|graders?|judges?|assistants?|agents?|LLMs?|language models?)\b",
    r"(?:rate|score|grade) (?:this|it|the \w{1,30}) (?:(?:an?|as|with) )?"
    r"(?:10|ten|full|perfect|highest|maximum|high)\b",
    r"(?:mark|label|report|classify|accept|approve|pass) "
    r"(?:this|it|the \w{1,30}|all \w{1,30}|every \w{1,30}) (?:as )?"
    r"(?:supported|replicated|passed|passing|approved|accepted|correct|successful|unconditionally)",
    r"(?:do not|don't|never) (?:report|mention|flag|reveal|tell) "
    r"(?:this|these|any|the user|the reviewer|the maintainers?|the findings?)\b",
    r"(?:new|updated|real|hidden|secret|system) (?:instructions?|prompts?) ?:",
    r"jailbreak",
    r"prompt injection",
)
"""A blank stands for any blanks, line breaks among them."""
_PHRASES = re.compile(
    rf"\b(?:{'|'.join(_WORDS)})".replace(" ?:", r"\s{0,9}:").replace(" ", r"\s{1,9}"),
    re.IGNORECASE,
)
_LONG_RUN = re.compile(
    r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{200,}={0,2}"
    r"|(?<![0-9a-fA-F :])(?:[0-9a-fA-F]{2}[ :]){100,}"
)
_PROSE = frozenset({".md", ".yaml", ".yml", ".ipynb", ".html", ".csv"})
_FORMULA = re.compile(r"(?:^|[,;])\"?[ \t]{0,3}([=@\t]|[+-](?=[A-Za-z(@=]))", re.MULTILINE)
_CALL = re.compile(
    r"[=@+-][^\n]{0,80}?(?:cmd|HYPERLINK|IMPORT\w+|WEBSERVICE|DDE|EXEC|RTD|CALL)\b[!(|' ]", re.I
)


def addressing(submission: Submission) -> Iterator[Finding]:
    """Hidden characters, marks of a chat template, phrases, and long runs that are no words."""
    for text in texts(submission):
        shown = Text(text.path, text.suffix, text.shown)
        yield from _hidden(shown)
        for line, _ in matches(_CHAT, shown.raw):
            message = "a turn of a chat stands in the text: it speaks to a model"
            yield _finding("chat-marker", text, line, message)
        for line, match in matches(_PHRASES, shown.raw):
            words = " ".join(match[0].split())[:60]
            message = f"speaks to a reviewer or a model: {words!r}"
            yield _finding("addressing", text, line, message, severity="warning")
        if text.suffix in _PROSE:
            for line, _ in matches(_LONG_RUN, text.raw):
                message = "a long run of characters that are no words"
                yield _finding("long-run", text, line, message, severity="warning")


def formulas(submission: Submission) -> Iterator[Finding]:
    """Cells of a table that a spreadsheet takes for a formula; one that calls out is a blocker."""
    for text in texts(submission, {".csv"}):
        for line, match in matches(_FORMULA, text.raw):
            calls = _CALL.match(text.raw, match.start(1)) is not None
            message = "a cell begins as a formula" + (" that calls out" if calls else "")
            severity: Severity = "blocker" if calls else "note"
            yield _finding("formula", text, line, message, severity=severity)


def _hidden(text: Text) -> Iterator[Finding]:
    for pattern in (_HIDDEN, _JOINED):
        for line, match in matches(pattern, text.raw):
            message = f"{_kind(match[0])} character U+{ord(match[0]):04X}: text that no reader sees"
            yield _finding("hidden-text", text, line, message)


def _kind(char: str) -> str:
    if re.match(f"[{_TAG}]", char):
        return "a Unicode tag"
    return "a direction" if re.match(f"[{_BIDI}]", char) else "an invisible"


def _finding(
    rule: str, text: Text, line: int, message: str, *, severity: Severity = "blocker"
) -> Finding:
    return Finding(
        rule=rule, axis="safety", severity=severity, path=text.path, line=line, message=message
    )
