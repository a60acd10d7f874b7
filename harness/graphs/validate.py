"""All rules on one graph file.

Owns their order and nothing else: the form first, for the others need a sound one; then
Neuronpedia's traps, what must agree within the file, what numbers can be, and QK tracing.
"""

from harness.graphs.attribution_graph import AttributionGraph
from harness.graphs.consistency import consistency
from harness.graphs.crm_check import crm_findings
from harness.graphs.findings import Finding
from harness.graphs.form import read_form
from harness.graphs.sums import sums
from harness.graphs.traps import traps


def validate_graph(graph: AttributionGraph | str) -> tuple[Finding, ...]:
    """Everything that is wrong with a graph, or with the text of a graph file.

    Where the form is at fault (JSON, finite numbers, schema), only that is told. Nothing is raised
    for what the file holds.
    """
    formed = read_form(graph if isinstance(graph, str) else graph.to_json())
    if formed.graph is None:
        return formed.findings
    return (
        *traps(formed.graph),
        *consistency(formed.graph),
        *sums(formed.graph),
        *crm_findings(formed.graph),
    )
