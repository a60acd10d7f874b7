"""Gains, chances and durations in words. What is unknown is a dash, never a number."""

from harness.autoresearch.report.gain import Gain
from harness.plain_text import TEXT_LIMIT, plain
from harness.report.wording import DASH, counted
from harness.untrusted import shown

_MINUTE, _HOUR = 60, 3600
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
"""An exponent with a hyphen may be torn apart at the end of a line."""


def signed(value: float | None) -> str:
    """`+0.0120`, in the metric's unit."""
    return DASH if value is None else f"{value:+.4f}"


def gain_text(gain: Gain | None) -> str:
    """`+0.0120 [+0.0040, +0.0200]`."""
    if gain is None:
        return DASH
    return f"{gain.mean:+.4f}\u00a0{_span(gain, '+.4f')}"


def score_text(score: Gain | None) -> str:
    """`0.8120 [0.8040, 0.8200]`."""
    if score is None:
        return DASH
    return f"{score.mean:.4f}\u00a0{_span(score, '.4f')}"


def chance(p: float) -> str:
    """A p value or a level."""
    if 0 < p < 1e-4:
        mantissa, _, power = f"{p:.1e}".partition("e")
        return f"{mantissa}×10{str(int(power)).translate(_RAISED)}"
    return f"{p:.4f}" if p < 0.1 else f"{p:.2f}"


def against(p: float, level: float) -> str:
    """A p value held against its level; level 0 means that there was no look."""
    if level == 0:
        return f"p {chance(p)}, no look"
    return f"p {chance(p)} {'≤' if p <= level else '>'} {chance(level)}"


def duration(seconds: float) -> str:
    """`48 s`, `12 min`, `3 h 05 min`."""
    if seconds < 2 * _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < 2 * _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    minutes = round(seconds / _MINUTE)
    return f"{minutes // 60} h {minutes % 60:02d} min"


def dollars(usd: float | None, priced: int, proposals: int) -> str:
    """`$1.20`, what is missing beside it; `unknown` where no price is known."""
    if usd is None:
        return "unknown"
    rest = proposals - priced
    return f"${usd:,.2f}" + (f", {counted(rest, 'proposal')} without a known price" if rest else "")


def one_line(text: str, limit: int = TEXT_LIMIT) -> str:
    """Words of somebody else on one line, harmless to read."""
    return plain(shown(text), limit)


def start(text: str, most: int) -> str:
    """Its beginning, harmless to read, with a last line that counts what is left out."""
    seen = shown(text).strip("\n")
    cut = len(seen) - most
    return seen if cut <= 0 else f"{seen[:most]}\n[{cut:,} characters left out]"


def _span(gain: Gain, form: str) -> str:
    if gain.low is None or gain.high is None:
        return f"[{DASH}]"
    return f"[{gain.low:{form}},\u00a0{gain.high:{form}}]"
