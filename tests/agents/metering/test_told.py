"""What is read of answers on the side, in whatever pieces they come."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.metering.event_stream import EventStream
from agents.metering.told import StreamReader, Told, told_by_body
from agents.metering.usage import Form, Usage, usage_of
from tests.agents.metering import provider

MESSAGE = Usage(100, 5, cached_tokens=70, cache_write_tokens=20)
OPENAI = Usage(100, 5, cached_tokens=70)
STREAMS: list[tuple[Form, bytes, Usage]] = [
    ("messages", provider.message_stream("m-20991231"), MESSAGE),
    ("responses", provider.response_stream("m-20991231"), OPENAI),
    ("responses", provider.response_stream("m-20991231", end="incomplete"), OPENAI),
    ("chat", provider.chat_stream("m-20991231", "hello", with_usage=True), OPENAI),
]


def read(form: Form, *pieces: bytes) -> Told:
    reader = StreamReader(form)
    for piece in pieces:
        reader.feed(piece)
    return reader.told()


@pytest.mark.parametrize(("form", "stream", "usage"), STREAMS)
def test_a_stream_tells_the_same_wherever_it_is_split(
    form: Form, stream: bytes, usage: Usage
) -> None:
    for place in range(len(stream)):
        assert read(form, stream[:place], stream[place:]) == Told("m-20991231", usage, True)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize(("form", "stream", "usage"), STREAMS)
def test_any_end_of_line_is_read_even_byte_by_byte(
    form: Form, stream: bytes, usage: Usage, end: bytes
) -> None:
    other = b": a comment" + end + stream.replace(b"\n", end)
    assert read(form, *(other[i : i + 1] for i in range(len(other)))).usage == usage


@pytest.mark.parametrize(("form", "stream", "usage"), STREAMS)
def test_a_stream_that_is_cut_off_tells_no_usage(form: Form, stream: bytes, usage: Usage) -> None:
    last = stream.rstrip().rfind(b"\n\n")
    cut = read(form, stream[: last + 2])
    assert (cut.usage, cut.is_complete) == (None, False)
    assert read(form, stream).usage == usage


def test_the_output_at_the_start_of_a_message_is_not_taken_for_its_end() -> None:
    whole = provider.message_stream()
    begin, end = whole.index(b"event: message_delta"), whole.index(b"event: message_stop")
    assert read("messages", whole[:begin] + whole[end:]) == Told("m", None, True)


def test_a_failed_response_is_no_complete_answer() -> None:
    assert not read("responses", provider.response_stream(end="failed")).is_complete
    failed = json.dumps(provider.response_of("m", "hello", "failed")).encode()
    assert told_by_body("responses", failed) == Told("m", OPENAI, False)
    assert not told_by_body("chat", b'{"error": {"message": "no"}}').is_complete


@pytest.mark.parametrize("body", [b"", b"no", b"[1]", b"\xff", b"[" * 100_000, b'{"usage": 3}'])
def test_an_answer_in_no_known_form_tells_nothing(body: bytes) -> None:
    assert told_by_body("messages", body).usage is None
    assert read("messages", b"data: " + body + b"\n\n") == Told()


@pytest.mark.parametrize(
    "wrong",
    [
        {"input_tokens": 10},
        {"output_tokens": 5},
        {"input_tokens": True, "output_tokens": 5},
        {"input_tokens": -1, "output_tokens": 5},
        {"input_tokens": 10, "output_tokens": "5"},
        {"input_tokens": 10, "output_tokens": 5, "input_tokens_details": {"cached_tokens": 11}},
        None,
    ],
)
def test_counts_that_make_no_sense_are_no_usage(wrong: object) -> None:
    assert usage_of("responses", wrong) is None


def test_a_cache_for_an_hour_is_counted_apart() -> None:
    split = {"ephemeral_5m_input_tokens": 5, "ephemeral_1h_input_tokens": 15}
    told = provider.MESSAGE_USAGE | {"cache_creation": split}
    assert usage_of("messages", told) == Usage(100, 5, 70, 5, 15)


def lines_as_the_standard_reads_them(stream: bytes) -> list[bytes]:
    """A second reader, of a whole stream: split into lines, then into events."""
    plain = stream.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    found, data = [], []
    for line in [*plain.split(b"\n"), b""]:
        if not line and data:
            found.append(b"\n".join(data))
            data = []
        elif line.startswith(b"data:"):
            data.append(line[5:].removeprefix(b" "))
        elif line == b"data":
            data.append(b"")
    return found


@given(
    st.lists(
        st.sampled_from([b"data", b":", b" ", b"x", b"\n", b"\r", b"\r\n", b"id: 3\n", b"data:"])
    ).map(b"".join),
    st.lists(st.integers(0, 60)),
)
def test_events_are_those_of_a_reader_of_the_whole(stream: bytes, places: list[int]) -> None:
    cuts = sorted({min(place, len(stream)) for place in places} | {0, len(stream)})
    events, found = EventStream(), []
    for begin, end in pairwise(cuts):
        found.extend(events.feed(stream[begin:end]))
    assert [*found, *events.close()] == lines_as_the_standard_reads_them(stream)
