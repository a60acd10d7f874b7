"""How far a correlation of so many points may lie from the true one."""

from collections.abc import Sequence
from math import atanh, fsum, sqrt, tanh

_Z = 1.96


def correlation_stderr(r: float, n: int, *, ranks: bool) -> float | None:
    """A standard error with which the t interval of n - 1 degrees ends where Fisher's does.

    Fisher's 95 % interval tanh(atanh r ± 1.96 / √(n - 3)) (Metron 1, 1921) reaches further
    towards zero than away from it. Its end towards zero is kept, for it is what a claim of a
    correlation is held against; the other end is then too wide. The textbook's
    (1 - r²) / √(n - 1) would end 0.1 too high for r = 0.8 and n = 15. Of ranks the variance of
    atanh r is 1.06 / (n - 3) (Fieller, Hartley and Pearson 1957), and a perfect order is taken for
    the next best one, in which two neighbours have changed places. `None` where n < 4, or where r
    of values is ±1.
    """
    from scipy.special import stdtrit

    if n < 4:
        return None
    size = abs(r)
    nearest = 1 - 12 / (n * (n * n - 1))
    inner = min(size, nearest) if ranks else size
    if inner >= 1:
        return None
    low = tanh(atanh(inner) - _Z * sqrt((1.06 if ranks else 1.0) / (n - 3)))
    return float((size - low) / stdtrit(n - 1, 0.975))


def pearson(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Pearson's r; `None` where one of the two does not vary."""
    if min(first) == max(first) or min(second) == max(second):
        return None
    n = len(first)
    x = [value - fsum(first) / n for value in first]
    y = [value - fsum(second) / n for value in second]
    spread = sqrt(fsum(value**2 for value in x) * fsum(value**2 for value in y))
    return max(-1.0, min(1.0, fsum(a * b for a, b in zip(x, y, strict=True)) / spread))
