"""Every rule of a review, in the order in which they are held against a submission."""

from collections.abc import Callable, Iterator

from harness.review.finding import Finding
from harness.review.opened import Opened
from harness.review.rules import ON_BYTES as ON_RAW_BYTES
from harness.review.rules import ON_ROWS
from harness.review.rules.completeness import completeness
from harness.review.rules.digests import digests
from harness.review.rules.disclosure import disclosure
from harness.review.rules.frozen import frozen, frozen_changes
from harness.review.rules.paper_changes import paper_changes
from harness.review.rules.provenance import provenance
from harness.review.rules.rendering import rendering
from harness.review.rules.verdicts import verdicts
from harness.review.submission import Submission

ON_BYTES: tuple[Callable[[Submission], Iterator[Finding]], ...] = (
    *ON_RAW_BYTES,
    paper_changes,
    frozen_changes,
)
"""Rules on what may not be readable at all."""

ON_RECORDS: tuple[Callable[[Opened], Iterator[Finding]], ...] = (
    frozen,
    digests,
    completeness,
    *ON_ROWS,
    verdicts,
    disclosure,
    provenance,
    rendering,
)
"""Rules on what was read."""
