"""The rules of a review, one idea a file.

A rule on bytes looks at a submission before anything is parsed; a rule on rows at what was read.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from harness.review.finding import Finding
from harness.review.rules import (
    addressing,
    binaries,
    duplicates,
    markup,
    paths,
    secrets,
    sizes,
    values,
)
from harness.review.submission import Submission

if TYPE_CHECKING:
    from harness.review.opened import Opened

ByteRule = Callable[[Submission], Iterator[Finding]]
RowRule = Callable[["Opened"], Iterator[Finding]]

ON_BYTES: tuple[ByteRule, ...] = (
    paths.names,
    paths.kinds,
    paths.outside,
    sizes.sizes,
    sizes.unfolding,
    binaries.contents,
    secrets.secrets,
    markup.markup,
    addressing.addressing,
    addressing.formulas,
)
"""Rules that read a submission as bytes: nothing is parsed into records, nothing is run."""

ON_ROWS: tuple[RowRule, ...] = (values.values, values.roundness, duplicates.duplicates)
"""Rules on the measurements that were read."""

UNREADABLE = sizes.UNREADABLE
"""Names of rules whose findings mean that a parser may not be given the file."""
