"""Replicate a paper by an agent: it writes specs; the harness measures and owns the stop."""
