"""Neuronpedia's explorer over HTTP: the calls that handing in a replication needs.

The API (beta of April 2026) is not documented and may change: an answer of another form is a
`ServiceError` with its status, never a guess. What writes is sent once; only reading is repeated.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from harness.explorer.entry import Node
from harness.record import HarnessError

if TYPE_CHECKING:
    from requests import Response, Session

BASE = "https://www.neuronpedia.org"
_API = "/api/explorer/"
_SECONDS = (10, 60)
"""To connect, and between bytes."""
T = TypeVar("T")


class ServiceError(Exception):
    """The service cannot be reached, or answers otherwise than expected."""


class _Answer(BaseModel):
    """Part of an answer; what else the service tells is not looked at."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class FoundNode(_Answer):
    """A node as the list of nodes tells it."""

    id: int
    mainUrl: str | None = None


class _Target(_Answer):
    targetNodeId: int
    type: str


class _WithEdges(_Answer):
    edgesAsSource: tuple[_Target, ...]


@dataclass(frozen=True)
class Neuronpedia:
    """The service at `base`, for the owner of `key`, which is never shown."""

    base: str
    key: str = field(repr=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.base)
        here = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
        if not parts.hostname or not (parts.scheme == "https" or here):
            raise HarnessError("NEURONPEDIA_URL: expected an https address")
        if not re.fullmatch(r"[\x21-\x7e]+", self.key):
            raise HarnessError("NEURONPEDIA_API_KEY: expected printable characters without spaces")

    def nodes(self) -> list[FoundNode]:
        """Approved nodes, and the key owner's own."""
        return self._call("node/list", {}, TypeAdapter(list[FoundNode]), repeat=True)

    def has_edge(self, source: int, target: int, kind: str) -> bool:
        """Whether a node has that relation already."""
        edges = self._call("node/get", {"id": source}, TypeAdapter(_WithEdges), repeat=True)
        return any((each.targetNodeId, each.type) == (target, kind) for each in edges.edgesAsSource)

    def new_node(self, node: Node) -> int:
        """Make a node; its id."""
        return self._call("node/new", body_of(node), TypeAdapter(FoundNode)).id

    def update_node(self, node_id: int, node: Node) -> int:
        """Write a node anew; its id."""
        body = {"id": node_id, **body_of(node)}
        return self._call("node/update", body, TypeAdapter(FoundNode)).id

    def new_edge(self, source: int, target: int, kind: str) -> None:
        """Relate two nodes."""
        body = {"sourceNodeId": source, "targetNodeId": target, "type": kind}
        self._call("edge/new", body, TypeAdapter(_Answer))

    def _call(
        self, call: str, body: Mapping[str, object], form: TypeAdapter[T], *, repeat: bool = False
    ) -> T:
        from requests import RequestException

        try:
            with _session(repeat=repeat) as session:
                answer = session.post(
                    f"{self.base.rstrip('/')}{_API}{call}",
                    data=json.dumps(body),
                    headers={"x-api-key": self.key, "content-type": "application/json"},
                    timeout=_SECONDS,
                    allow_redirects=False,
                )
        except RequestException as error:
            unsure = "" if repeat else "; whether it was done is unknown, running again looks first"
            raise ServiceError(f"{call}: no answer ({type(error).__name__}){unsure}") from error
        return _read(call, answer, form)


def body_of(node: Node) -> dict[str, object]:
    """The body of `node/new`."""
    return node.model_dump(mode="json", exclude_none=True)


def _session(*, repeat: bool) -> "Session":
    """Redirects are not followed, for they carry the key to wherever they lead."""
    from requests import Session
    from requests.adapters import HTTPAdapter
    from urllib3.util import Retry

    again = Retry(
        total=3,
        redirect=0,
        allowed_methods={"POST"},
        status_forcelist=(502, 503, 504),
        raise_on_status=False,
        backoff_factor=0.2,
    )
    session = Session()
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(max_retries=again if repeat else 0))
    return session


def _read(call: str, answer: "Response", form: TypeAdapter[T]) -> T:
    if answer.status_code in (401, 403):
        raise HarnessError(
            f"NEURONPEDIA_API_KEY: the service refuses it ({answer.status_code} to {call})"
        )
    if answer.status_code != 200:
        raise ServiceError(f"{call}: status {answer.status_code}{_told(answer)}")
    try:
        return form.validate_json(answer.content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ServiceError(
            f"{call}: status 200, but an answer of another form: {where} {first['msg']}"
        ) from error


def _told(answer: "Response") -> str:
    """The service's own words, on one line of printable characters."""
    try:
        told: object = answer.json()
    except json.JSONDecodeError:
        return ""
    message = told.get("error") if isinstance(told, dict) else None  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    if not isinstance(message, str):
        return ""
    return ": " + "".join(c if c.isprintable() else " " for c in message)[:300]
