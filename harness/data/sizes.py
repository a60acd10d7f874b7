"""How many statements a generated set has."""

from harness.record import HarnessError


def resolve_size(name: str, size: int | None, *, default: int, largest: int) -> int:
    """The number of statements to make, `default` where `size` is None.

    Every set is half true, so `size` is even; below 4 no false answer can be borrowed from another
    true one. Raises `HarnessError` for any other size.
    """
    wanted = default if size is None else size
    if wanted % 2 or not 4 <= wanted <= largest:
        raise HarnessError(
            f"{name}: size {wanted} is not possible; valid: even numbers from 4 to {largest}"
        )
    return wanted
