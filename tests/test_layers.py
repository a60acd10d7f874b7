"""Imports go down this list only; modules on one line are of one layer."""

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "harness"
LAYERS = """
problems cache_dir quotes untrusted plain_text
record
metrics project problem_lines paper_text skills lines isolation
measurement
estimate expectations
paper settle terms
examine
verdict
specs
ops schemas graphs
models data manifest
worlds
saes
transcoders
circuits features
deviations experiments
replication
frozen
check freeze rerun run scaffold doctor
claims_audit
report explorer
compare archive imports
review
publish
oneline autoresearch
pytest_plugin api
cli
"""
LAYER_OF = {name: i for i, line in enumerate(LAYERS.strip().splitlines()) for name in line.split()}


def imported(path: Path) -> Iterator[str]:
    """What a file imports from this project, in functions too: `metrics`, `data`, `agents`."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            first, *rest = node.module.split(".")
            if first == "harness":
                yield from rest[:1] or [alias.name for alias in node.names]
            elif first == "agents":
                yield first


def test_imports_point_down() -> None:
    for path in sorted(PACKAGE.rglob("*.py")):
        own = path.relative_to(PACKAGE).with_suffix("").parts[0]
        for other in imported(path) if own != "__init__" else ():
            assert other in LAYER_OF, f"{path}: imports {other}"
            assert LAYER_OF[other] <= LAYER_OF[own], f"{path}: imports {other} from above"


def test_no_module_stands_outside_the_layers() -> None:
    names = {path.relative_to(PACKAGE).with_suffix("").parts[0] for path in PACKAGE.rglob("*.py")}
    assert names - {"__init__"} <= set(LAYER_OF)
