"""Start a replication: of a known paper on a model, or of a new paper with its spec."""

from harness.scaffold.naming import replication_id
from harness.scaffold.next_commands import next_commands
from harness.scaffold.paper_file import Bibliography
from harness.scaffold.scaffolding import Wanted, begin, scaffold

__all__ = ["Bibliography", "Wanted", "begin", "next_commands", "replication_id", "scaffold"]
