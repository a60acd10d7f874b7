"""The processor that models run on: which one, what it is called, how much memory was used."""

import platform
import resource
import sys
from typing import NamedTuple

import torch

from harness.problems import did_you_mean
from harness.record import HarnessError


class DeviceDescription(NamedTuple):
    """What a manifest records of a device."""

    name: str
    driver: str | None
    threads: int


def pick_device(wanted: str = "auto") -> torch.device:
    """`auto` is CUDA before MPS before the processor.

    Raises `HarnessError` for a device that this machine does not have.
    """
    usable = _usable()
    if wanted == "auto":
        return torch.device(usable[0])
    if wanted.split(":")[0] not in usable:
        raise HarnessError(f"device {wanted!r}{did_you_mean(wanted, ['auto', *usable])}")
    return torch.device(wanted)


def describe_device(wanted: str = "auto") -> DeviceDescription:
    """Name, accelerator driver and processor threads of the device that `wanted` stands for."""
    device, threads = pick_device(wanted), torch.get_num_threads()
    if device.type == "cuda":
        return DeviceDescription(torch.cuda.get_device_name(device), _cuda_driver(), threads)
    if device.type == "mps":
        return DeviceDescription(f"mps ({platform.machine()})", platform.mac_ver()[0], threads)
    return DeviceDescription("cpu", None, threads)


def peak_memory_mib() -> float:
    """Largest resident size of this process so far, accelerator memory not counted."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


def _usable() -> list[str]:
    cuda = ["cuda"] if torch.cuda.is_available() else []
    mps = ["mps"] if torch.backends.mps.is_available() else []
    return [*cuda, *mps, "cpu"]


def _cuda_driver() -> str:
    return f"CUDA {torch.version.cuda}"
