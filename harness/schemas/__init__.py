"""JSON Schemas of the two YAML files, for editors that complete and check them."""

from typing import Any

from harness.paper import PaperSpec
from harness.specs import ReplicationSpec


def schemas() -> dict[str, dict[str, Any]]:
    """File name → JSON Schema (draft 2020-12)."""
    return {
        "paper.schema.json": PaperSpec.model_json_schema(),
        "replication.schema.json": ReplicationSpec.model_json_schema(),
    }
