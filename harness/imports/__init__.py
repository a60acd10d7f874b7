"""Replications of the predecessor harness, turned into this one's form with their numbers."""

from harness.imports.importing import Imported, import_replications

__all__ = ["Imported", "import_replications"]
