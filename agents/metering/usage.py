"""Tokens of one answer, as the three APIs tell them."""

from typing import Literal, NamedTuple, cast

Form = Literal["messages", "responses", "chat"]
"""Anthropic's Messages, OpenAI's Responses, and Chat Completions."""
Json = dict[str, object]


class Usage(NamedTuple):
    """Tokens of one answer. The three cached kinds are part of `input_tokens`."""

    input_tokens: int
    output_tokens: int
    cached_tokens: int = 0
    """Read from a cache."""
    cache_write_tokens: int = 0
    cache_write_1h_tokens: int = 0
    """Into a cache that is kept for an hour."""

    @property
    def uncached_tokens(self) -> int:
        """Those at the price of plain input."""
        cached = self.cached_tokens + self.cache_write_tokens + self.cache_write_1h_tokens
        return self.input_tokens - cached


def usage_of(form: Form, told: object) -> Usage | None:
    """The `usage` object of an answer; `None` where it is missing or makes no sense."""
    counts = mapping(told)
    match form:
        case "messages":
            found = _of_messages(counts)
        case "responses":
            details = mapping(counts.get("input_tokens_details"))
            found = _of_openai(counts, "input_tokens", "output_tokens", details)
        case "chat":
            details = mapping(counts.get("prompt_tokens_details"))
            found = _of_openai(counts, "prompt_tokens", "completion_tokens", details)
    return found if found and min(*found, found.uncached_tokens) >= 0 else None


def mapping(value: object) -> Json:
    """A JSON object; an empty one in place of anything else."""
    return cast("Json", value) if isinstance(value, dict) else {}


def _of_messages(counts: Json) -> Usage | None:
    """Anthropic counts plain, written and read input apart."""
    plain, output = _count(counts, "input_tokens"), _count(counts, "output_tokens")
    if plain is None or output is None:
        return None
    read = _count(counts, "cache_read_input_tokens") or 0
    written = _count(counts, "cache_creation_input_tokens") or 0
    for_an_hour = _count(mapping(counts.get("cache_creation")), "ephemeral_1h_input_tokens") or 0
    return Usage(plain + read + written, output, read, written - for_an_hour, for_an_hour)


def _of_openai(counts: Json, into: str, out: str, details: Json) -> Usage | None:
    """OpenAI counts cached input as part of the input."""
    asked, output = _count(counts, into), _count(counts, out)
    if asked is None or output is None:
        return None
    return Usage(asked, output, _count(details, "cached_tokens") or 0)


def _count(counts: Json, key: str) -> int | None:
    """A whole number; JSON's `true` is none."""
    value = counts.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
