"""One file of known content from the web: fetched once, never used unless its hash is right."""

import hashlib
import http.client
import os
import urllib.request
from pathlib import Path

from harness.cache_dir import cache_dir
from harness.record import HarnessError, write_bytes

TIMEOUT_SECONDS = 30


def find_or_download(name: str, *, url: str, sha256: str, instead: str | None = None) -> bytes:
    """The content of the file `name` whose hash is `sha256`.

    Looked for in the folder named by HARNESS_DATA, then in the cache, then at `url`; what comes
    from there is kept in the cache. Raises `HarnessError` where it cannot be had or where any of
    these holds other content under that name; `instead` says what can be done without it.
    """
    supplied, cached = _supplied(name), cache_dir() / "originals" / sha256[:16] / name
    for path in (supplied, cached):
        if path is not None and path.exists():
            return _verified(path.read_bytes(), sha256, where=str(path))
    content = _verified(_download(name, url, instead), sha256, where=url)
    write_bytes(cached, content)
    return content


def _supplied(name: str) -> Path | None:
    folder = os.environ.get("HARNESS_DATA")
    if not folder:
        return None
    if not Path(folder).is_dir():
        raise HarnessError(f"HARNESS_DATA={folder}: there is no such folder")
    return Path(folder) / name


def _verified(content: bytes, sha256: str, *, where: str) -> bytes:
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise HarnessError(
            f"{where}: sha256 is {found}, expected {sha256}; "
            "it is not used: remove it, or fetch it again"
        )
    return content


def _download(name: str, url: str, instead: str | None) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as response:
            return bytes(response.read())
    except (OSError, http.client.HTTPException) as error:
        otherwise = f", or {instead}" if instead else ""
        raise HarnessError(
            f"{url}: cannot be downloaded: {error}; put {name} into a folder and name that in "
            f"HARNESS_DATA{otherwise}"
        ) from error
