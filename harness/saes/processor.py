"""How training uses a processor: its threads, and the memory that is freed and asked for again."""

import ctypes
import sys
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache

import torch

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Of glibc's `mallopt`."""
_LARGEST_KEPT = 32 << 20


@contextmanager
def training_threads() -> Generator[None]:
    """One thread fewer for the step, since sampling has one of its own."""
    before = torch.get_num_threads()
    torch.set_num_threads(max(before - 1, 1))
    try:
        yield
    finally:
        torch.set_num_threads(before)


@cache
def keep_freed_memory() -> None:
    """Let glibc keep what a step frees: the next step asks for the very same sizes.

    Giving megabytes back to the kernel and faulting them in again costs a third of a step. Where
    the C library is another one nothing happens.
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _LARGEST_KEPT)
        mallopt(_TRIM_THRESHOLD, 2**31 - 1)
