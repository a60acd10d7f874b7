"""Where downloads and derived files are kept between runs. Owns the place, not what lies there."""

import os
from pathlib import Path

import platformdirs


def cache_dir() -> Path:
    """The folder named by HARNESS_CACHE, else the user's cache folder. It may not exist yet."""
    chosen = os.environ.get("HARNESS_CACHE")
    if chosen:
        return Path(chosen).expanduser()
    return Path(platformdirs.user_cache_dir("interp-replication-harness"))
