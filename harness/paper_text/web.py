"""One file from the web: http and https only, with limits on bytes, time and redirects."""

import re
import time
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from harness.paper_text.text import MOST_BYTES
from harness.record import HarnessError

if TYPE_CHECKING:
    from requests import Response

WAIT_SECONDS = 30.0
"""For the connection, and for each next bytes."""
ALL_SECONDS = 300.0
"""For the whole file; a server may drip."""
_REDIRECTS = 5
_CHUNK = 65_536
_ARXIV = re.compile(r"https?://(?:www\.|export\.)?arxiv\.org/abs/([\w./-]+?)/?")
_HEADERS = {"User-Agent": "interp-replication-harness", "Accept-Encoding": "identity"}


class Page(NamedTuple):
    """What came from an address."""

    url: str
    """Asked for, in the form that gives the text."""
    content: bytes
    content_type: str | None


def is_address(source: str) -> bool:
    """Whether it is an address rather than a file."""
    return "://" in source


def download(url: str) -> Page:
    """Raises `HarnessError` with the reason where the file cannot be had whole."""
    import requests

    address = text_address(url)
    try:
        with requests.Session() as session:
            session.max_redirects = _REDIRECTS
            with session.get(address, timeout=WAIT_SECONDS, stream=True, headers=_HEADERS) as came:
                if came.status_code != requests.codes.ok:
                    told = {404: "no such page", 403: "the server refuses it"}
                    why = told.get(came.status_code, "the server does not give it")
                    raise HarnessError(f"{address}: {why} (HTTP {came.status_code})")
                return Page(address, _body(came, address), came.headers.get("content-type"))
    except requests.RequestException as error:
        raise HarnessError(f"{address}: cannot be had: {_said(error)}") from error


def text_address(url: str) -> str:
    """The address of the text itself: of an arXiv abstract its PDF, without a fragment.

    Raises `HarnessError` for other schemes, and for a name and password in the address.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise HarnessError(f"{parts.scheme}://…: not read; valid: https://, http://, or a file")
    if "@" in parts.netloc:
        raise HarnessError(f"{parts.hostname}: a name or password in an address is kept nowhere")
    plain = urlunsplit(parts._replace(fragment=""))
    abstract = _ARXIV.fullmatch(plain)
    return f"https://arxiv.org/pdf/{abstract[1]}" if abstract else plain


def _body(came: "Response", address: str) -> bytes:
    """The bytes as they trickle in, counted once unpacked."""
    from urllib3.exceptions import HTTPError

    ends, content = time.monotonic() + ALL_SECONDS, bytearray()
    try:
        while chunk := came.raw.read1(_CHUNK, decode_content=True):
            content += chunk
            if len(content) > MOST_BYTES:
                raise HarnessError(f"{address}: more than {MOST_BYTES // 1_000_000} MB")
            if time.monotonic() > ends:
                raise HarnessError(f"{address}: not whole after {ALL_SECONDS:g} s")
    except HTTPError as error:
        raise HarnessError(f"{address}: broke off: {_said(error)}") from error
    return bytes(content)


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
