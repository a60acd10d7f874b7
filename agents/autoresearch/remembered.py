"""Earlier trials as an agent is shown them: what recipes and proposers wrote is quoted as data."""

from collections.abc import Sequence

from harness.autoresearch.proposers.proposer import Remembered
from harness.plain_text import plain
from harness.untrusted import quoted

_TITLE, _REASON, _DIFF, _LOG, _TABLE = 120, 1_200, 4_000, 2_000, 6_000
"""The most characters of each."""


def pages(memory: Sequence[Remembered]) -> dict[str, str]:
    """The files of the agent's `memory/`, by path."""
    return {
        "memory/trials.md": "\n".join(("# Trials\n", *map(_section, memory))),
        "memory/trials.jsonl": "".join(f"{_harmless(each).model_dump_json()}\n" for each in memory),
    }


def table(memory: Sequence[Remembered]) -> str:
    """A line a trial, the newest last; the oldest give way where they are too many."""
    if not memory:
        return "Nothing yet: this is the first trial."
    lines = [
        f"{each.trial}: {each.outcome}; score {number(each.score)}, "
        f"gain {number(each.gain, sign=True)}; {plain(each.title, _TITLE)}"
        for each in memory
    ]
    return quoted("\n".join(lines), "trials so far; titles are their proposers'", _TABLE)


def number(value: float | None, *, sign: bool = False) -> str:
    """Four digits behind the point; `none` is not 0."""
    if value is None:
        return "none"
    return f"{value:+.4f}" if sign else f"{value:.4f}"


def _section(each: Remembered) -> str:
    """Our own words first, then all that others wrote."""
    said = [
        f"title: {plain(each.title, _TITLE)}",
        *([f"idea: {plain(each.idea, _TITLE)}"] if each.idea else []),
        f"reason: {plain(each.reason, _REASON)}",
        f"what became of it: {plain(each.why, _REASON)}",
    ]
    parts = [
        f"## Trial {each.trial}: {each.outcome}\n",
        f"Score {number(each.score)}; gain over its incumbent {number(each.gain, sign=True)}.\n",
        quoted("\n".join(said), "about the trial", sum(map(len, said)) + len(said)),
        quoted(each.diff, "its change", _DIFF),
        *([quoted(each.log, "the end of what it printed", _LOG)] if each.log else []),
    ]
    return "\n".join(parts)


def _harmless(each: Remembered) -> Remembered:
    return each.model_copy(
        update={
            "title": plain(each.title, _TITLE),
            "reason": plain(each.reason, _REASON),
            "why": plain(each.why, _REASON),
            "log": quoted(each.log, "the end of what it printed", _LOG) if each.log else "",
        }
    )
