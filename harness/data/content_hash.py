"""One hash for a list of rows, whatever made them."""

import hashlib
import json
from collections.abc import Iterable


def content_hash(rows: Iterable[object]) -> str:
    """SHA-256 of the rows as compact JSON lines: equal for equal contents and order."""
    digest = hashlib.sha256()
    for row in rows:
        line = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
        digest.update(f"{line}\n".encode())
    return digest.hexdigest()
