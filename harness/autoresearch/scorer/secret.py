"""The key of a campaign, from which its worlds and its seeds follow.

Whoever does not know it can neither rebuild a world of the campaign nor foresee a seed. It lies in
one file that cells and proposers do not see; the ledger holds its hash.
"""

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from harness.autoresearch.task import Tier
from harness.record import HarnessError

_BYTES = 32


@dataclass(frozen=True)
class Secret:
    """32 bytes; they stand in no text that is printed."""

    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        assert len(self.key) == _BYTES, len(self.key)

    @classmethod
    def draw(cls, seed: int | None) -> Self:
        """A random one; with a seed the one that follows from it, which anyone can find again."""
        if seed is None:
            return cls(secrets.token_bytes(_BYTES))
        return cls(hashlib.sha256(f"a campaign that can be repeated: {seed}".encode()).digest())

    @classmethod
    def read(cls, path: Path) -> Self:
        """What `write` wrote. Raises `HarnessError` for a file that is missing or damaged."""
        try:
            key = bytes.fromhex(path.read_text(encoding="ascii").strip())
        except (OSError, ValueError) as error:
            raise HarnessError(f"{path}: the campaign's key cannot be read: {error}") from error
        if len(key) != _BYTES:
            raise HarnessError(f"{path}: the campaign's key has {len(key)} bytes, not {_BYTES}")
        return cls(key)

    def write(self, path: Path) -> None:
        """To a new file that only its owner can read; a crash leaves none or the whole.

        Raises `HarnessError` where there is one already: a second key is another campaign.
        """
        aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
        try:
            end = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(end, "w", encoding="ascii") as file:
                file.write(self.key.hex() + "\n")
                file.flush()
                os.fsync(file.fileno())
            path.hardlink_to(aside)
        except OSError as error:
            raise HarnessError(f"{path}: cannot be written: {error.strerror}") from error
        finally:
            aside.unlink(missing_ok=True)

    def of_task(self, task: str) -> Self:
        """The one of another task that a winner is carried over to: none of its worlds or seeds is
        the campaign's own, be the two tasks ever so alike."""
        return type(self)(hmac.digest(self.key, f"task/{task}".encode(), "sha256"))

    @property
    def sha256(self) -> str:
        """Of the key: what the ledger may say of it."""
        return hashlib.sha256(self.key).hexdigest()

    def world_seed(self, tier: Tier) -> int:
        """Of the tier's world, 31 bits."""
        return self._drawn(31, "world", tier)

    def run_seed(self, tier: Tier, seed: int, purpose: str) -> int:
        """Of what one run draws for one purpose, 63 bits; other purposes are independent of it."""
        return self._drawn(63, "run", tier, str(seed), purpose)

    def candidate_seed(self, tier: Tier, seed: int) -> int:
        """What a recipe is handed as its seed, 31 bits: numpy takes no more than 32."""
        return self.run_seed(tier, seed, "candidate") % 2**31

    def _drawn(self, bits: int, *names: str) -> int:
        """HMAC-SHA256 of the names under the key, its first bits."""
        digest = hmac.digest(self.key, "/".join(names).encode(), "sha256")
        return int.from_bytes(digest[:8], "big") >> (64 - bits)
