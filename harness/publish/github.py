"""Pull requests through GitHub's REST API (docs.github.com/rest/pulls, version 2022-11-28).

Every call may be repeated: what a lost answer had made is found by the next look-up.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import TypeAdapter

from harness.publish.address import Address
from harness.publish.failure import RemoteError
from harness.publish.github_answers import Pull, fault, parse, words
from harness.publish.proposal import Opened, Proposal
from harness.record import HarnessError

if TYPE_CHECKING:
    from requests import PreparedRequest, Response, Session

API = "https://api.github.com"
BACKOFF_SECONDS = 0.5
"""Before the second repetition, then doubled."""
_SECONDS = (10, 60)
"""To connect, and between bytes."""
_METHODS = ("GET", "POST", "PATCH")
_ONE, _MANY = TypeAdapter(Pull), TypeAdapter(list[Pull])
T = TypeVar("T")


@dataclass(frozen=True)
class GitHub:
    """A repository at an API, for the owner of `token`, which is never shown."""

    api: str
    repository: Address
    token: str = field(repr=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.api)
        here = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
        if not parts.hostname or not (parts.scheme == "https" or here):
            raise HarnessError("GITHUB_API_URL: expected an https address")
        if not re.fullmatch(r"[\x21-\x7e]+", self.token):
            raise HarnessError("GITHUB_TOKEN: expected printable characters without spaces")

    @property
    def way(self) -> str:
        """As a sentence names it."""
        return "GitHub's API with GITHUB_TOKEN"

    def propose(self, proposal: Proposal) -> Opened:
        """Open the pull request, or write the one that is open already anew.

        Raises `HarnessError` for a token that is refused, `RemoteError` for what GitHub does.
        """
        found = self._find(proposal)
        if found is not None:
            return self._update(found, proposal)
        answer = self._call("POST", "pulls", self._new(proposal))
        if answer.status_code == 422:
            found = self._find(proposal)
            if found is None:
                raise RemoteError(f"GitHub refuses the pull request{words(answer, self.token)}")
            return self._update(found, proposal)
        return Opened(self._read(answer, _ONE, 201).html_url, "opened")

    def _find(self, proposal: Proposal) -> Pull | None:
        query = {"head": proposal.head, "base": proposal.base, "state": "open"}
        answer = self._call("GET", "pulls", query=query)
        found = self._read(answer, _MANY, 200)
        return found[0] if found else None

    def _update(self, found: Pull, proposal: Proposal) -> Opened:
        body = {"title": proposal.title, "body": proposal.body}
        answer = self._call("PATCH", f"pulls/{found.number}", body)
        return Opened(self._read(answer, _ONE, 200).html_url, "updated")

    @staticmethod
    def _new(proposal: Proposal) -> Mapping[str, object]:
        return {
            "title": proposal.title,
            "body": proposal.body,
            "head": proposal.head,
            "base": proposal.base,
            "maintainer_can_modify": True,
        }

    def _call(
        self,
        method: Literal["GET", "POST", "PATCH"],
        path: str,
        body: Mapping[str, object] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> "Response":
        """Redirects are not followed, for they carry the token to wherever they lead."""
        from requests import RequestException

        address = f"{self.api.rstrip('/')}/repos/{self.repository.path}/{path}"
        try:
            with self._session() as session:
                return session.request(
                    method,
                    address,
                    params=query,
                    data=None if body is None else json.dumps(body),
                    timeout=_SECONDS,
                    allow_redirects=False,
                )
        except RequestException as error:
            raise RemoteError(f"GitHub does not answer ({type(error).__name__})") from error

    def _session(self) -> "Session":
        from requests import Session
        from requests.adapters import HTTPAdapter
        from urllib3.util import Retry

        again = Retry(
            total=3,
            redirect=0,
            allowed_methods=_METHODS,
            status_forcelist=(502, 503, 504),
            raise_on_status=False,
            respect_retry_after_header=False,
            backoff_factor=BACKOFF_SECONDS,
        )
        session = Session()
        session.auth = self._sign  # else a .netrc file's password takes the header's place
        session.headers["Accept"] = "application/vnd.github+json"
        session.headers["X-GitHub-Api-Version"] = "2022-11-28"
        session.headers["Content-Type"] = "application/json"
        for scheme in ("https://", "http://"):
            session.mount(scheme, HTTPAdapter(max_retries=again))
        return session

    def _sign(self, request: "PreparedRequest") -> "PreparedRequest":
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request

    def _read(self, answer: "Response", form: TypeAdapter[T], expected: int) -> T:
        if answer.status_code != expected:
            raise fault(answer, self.repository, self.token)
        return parse(answer, form)
