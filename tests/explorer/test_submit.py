"""Handing in to Neuronpedia, against a double of it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from harness.explorer.collect import published_entry
from harness.explorer.entry import ExplorerEntry
from harness.explorer.neuronpedia import Neuronpedia, ServiceError
from harness.explorer.submit import Submitted, submit
from harness.record import HarnessError
from tests.explorer.projects import ACTADD, committed
from tests.explorer.service import KEY, PAPER, Service, running

URL = "https://example.org/replications/actadd/smollm2"


@pytest.fixture(scope="module")
def entry() -> ExplorerEntry:
    return published_entry(committed(ACTADD)[0], main_url=URL)


@pytest.fixture
def start() -> Iterator[Callable[..., Service]]:
    with ExitStack() as stack:
        yield lambda *nodes: stack.enter_context(running(Service(*nodes)))


def sent(entry: ExplorerEntry, service: Service, key: str = KEY) -> Submitted:
    return submit(entry, Neuronpedia(service.address, key))


def test_a_node_is_made_and_replicates_the_papers_node(
    entry: ExplorerEntry, start: Callable[..., Service]
) -> None:
    service = start(PAPER, {"id": 8, "mainUrl": None}, {"id": 9})
    done = sent(entry, service)
    assert (done.outcome, done.whole) == ("made", True)
    assert service.names == ["node/list", "node/new", "edge/new"]
    node = service.calls[1][1]
    assert (node["nodeTypes"], node["mainUrl"]) == (["replication"], URL)
    assert service.edges == [{"sourceNodeId": done.node, "targetNodeId": 7, "type": "replicates"}]


def test_a_second_time_the_node_is_updated_and_the_edge_left_alone(
    entry: ExplorerEntry, start: Callable[..., Service]
) -> None:
    service = start(PAPER)
    first = sent(entry, service)
    again = sent(entry, service)
    assert (again.node, again.outcome) == (first.node, "updated")
    assert again.relations[0].outcome == "there already"
    assert service.names.count("node/new") == service.names.count("edge/new") == 1
    assert len(service.nodes) == 2


def test_an_edge_that_was_not_made_the_first_time_is_made_the_second(
    entry: ExplorerEntry, start: Callable[..., Service]
) -> None:
    service = start()
    first = sent(entry, service)
    assert not first.whole
    assert first.relations[0].outcome == "the paper has no node"
    assert service.names == ["node/list", "node/new"]
    service.nodes.append(PAPER)
    again = sent(entry, service)
    assert (again.node, again.whole, len(service.edges)) == (first.node, True, 1)


def test_a_refused_key_is_for_the_user_to_mend_and_is_not_shown(
    entry: ExplorerEntry, start: Callable[..., Service]
) -> None:
    service = start(PAPER)
    with pytest.raises(HarnessError, match=r"NEURONPEDIA_API_KEY.*401") as raised:
        sent(entry, service, "wrong-key")
    assert "wrong-key" not in str(raised.value)
    assert "wrong-key" not in repr(Neuronpedia(service.address, "wrong-key"))
    assert service.names == ["node/list"]


@pytest.mark.parametrize("call", ["node/new", "edge/new"])
def test_what_writes_is_sent_once_when_the_connection_is_cut(
    entry: ExplorerEntry, start: Callable[..., Service], call: str
) -> None:
    service = start(PAPER)
    service.cut = call
    with pytest.raises(ServiceError, match=f"{call}: no answer.*unknown"):
        sent(entry, service)
    assert service.names.count(call) == 1


def test_reading_is_repeated_when_the_service_is_busy(
    entry: ExplorerEntry, start: Callable[..., Service]
) -> None:
    service = start(PAPER)
    service.answers["node/list"] = [(503, b"busy")]
    assert sent(entry, service).whole
    assert service.names.count("node/list") == 2


@pytest.mark.parametrize(
    ("call", "status", "content", "said"),
    [
        ("node/list", 200, b'{"nodes": []}', "another form"),
        ("node/list", 200, b"<html>", "another form"),
        ("node/list", 302, b"", "status 302"),
        ("node/new", 200, b'{"ok": true}', "another form: id"),
        ("node/new", 500, b'{"error": "no\\u001b[31m room"}', "status 500: no .31m room"),
        ("node/new", 503, b"busy", "status 503"),
        ("edge/new", 500, b"[1]", "status 500"),
    ],
)
def test_an_unexpected_answer_is_told_with_its_status_and_ends_it(
    entry: ExplorerEntry,
    start: Callable[..., Service],
    *,
    call: str,
    status: int,
    content: bytes,
    said: str,
) -> None:
    service = start(PAPER)
    service.answers[call] = [(status, content)]
    with pytest.raises(ServiceError, match=f"{call}: .*{said}"):
        sent(entry, service)
    assert service.names[-1] == call
    assert service.names.count(call) == 1


def test_two_nodes_of_one_address_are_not_chosen_from(
    entry: ExplorerEntry, start: Callable[..., Service]
) -> None:
    twin: dict[str, Any] = {"id": 11, "mainUrl": URL}
    service = start(PAPER, twin, {**twin, "id": 12})
    with pytest.raises(ServiceError, match="11, 12"):
        sent(entry, service)
    assert service.names == ["node/list"]


@pytest.mark.parametrize(
    ("base", "key", "said"),
    [
        ("http://www.neuronpedia.org", KEY, "https"),
        ("ftp://127.0.0.1", KEY, "https"),
        ("neuronpedia.org", KEY, "https"),
        ("https://www.neuronpedia.org", "a\nb", "printable"),
    ],
)
def test_a_key_goes_over_https_alone(base: str, key: str, said: str) -> None:
    with pytest.raises(HarnessError, match=said):
        Neuronpedia(base, key)
