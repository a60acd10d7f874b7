"""The command line. Every command takes `--json`; bad input ends with exit code 2."""

from harness.cli.app import main

__all__ = ["main"]
