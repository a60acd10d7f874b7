"""A meter that is killed in the middle: `python -m tests.agents.metering.killed FOLDER URL`."""

import sys
from pathlib import Path

import requests

from agents.metering import Meter, Upstream
from tests.agents.metering.metered import KEY, PLENTY, PRICES


def main(folder: str, url: str) -> None:
    """Ask twice; the provider holds the second answer back until somebody kills this process."""
    meter = Meter(Path(folder), Upstream("anthropic", url, KEY), PLENTY, PRICES)
    with meter.serving():
        address, key = meter.endpoint("claims")
        for number in (1, 2):
            asked = {"model": "m", "max_tokens": 50, "messages": [], "top_k": number}
            requests.post(f"{address}/v1/messages", json=asked, headers={"x-api-key": key})


if __name__ == "__main__":
    main(*sys.argv[1:])
