import json
from pathlib import Path

import pytest

from agents.drivers.conversation import Answered, Conversation
from agents.drivers.untrusted_json import MOST_DEPTH, parse_object


def test_an_object_is_read_as_it_is() -> None:
    given = {"a": [1, 2.5, None, True, "é\n\u2028"], "b": {}}
    assert parse_object(json.dumps(given)) == given


def test_half_of_a_pair_is_replaced_and_a_whole_pair_kept() -> None:
    assert parse_object(r'{"a": "x\ud800y \ud83d\ude00"}') == {"a": "x?y 😀"}


@pytest.mark.parametrize(
    "text", ["", "[1]", '"a"', "{", "{'a': 1}", '{"a": NaN}', '{"a": -Infinity}', "null"]
)
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"object|Expecting|no JSON"):
        parse_object(text)


@pytest.mark.parametrize("depth", [MOST_DEPTH + 1, 300, 100_000])
@pytest.mark.parametrize(("begin", "end"), [('{"a":', "}"), ('{"a":[', "]}")])
def test_nesting_without_end_is_refused(depth: int, begin: str, end: str) -> None:
    with pytest.raises(ValueError, match="nested"):
        parse_object(begin * depth + "1" + end * depth)


def test_the_deepest_that_is_taken_can_be_kept_and_read_again(tmp_path: Path) -> None:
    deepest = parse_object('{"a":' * MOST_DEPTH + "1" + "}" * MOST_DEPTH)
    conversation = Conversation(tmp_path, None)
    conversation.append(Answered(answer=deepest))
    again = Conversation(tmp_path, conversation.session)
    assert again.items == [Answered(answer=deepest)]


def test_a_number_that_is_too_large_for_a_float_is_refused() -> None:
    with pytest.raises(ValueError, match="float"):
        parse_object('{"a": 1e999}')
