"""What must hold of statements before a probe's score on them means anything. Each check raises."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable

from harness.data.statements import StatementSet
from harness.record import HarnessError


def check_balance(given: StatementSet, *, tolerance_fraction: float = 0.02) -> None:
    """Refuse a set whose share of true statements is further than this from one half, or empty."""
    if not given.statements:
        raise HarnessError(f"{given.name}: the set is empty")
    true = sum(given.labels)
    share = true / len(given.labels)
    if abs(share - 0.5) > tolerance_fraction:
        raise HarnessError(
            f"{given.name}: {true} of {len(given.labels)} statements are true ({share:.3f}); "
            f"the classes must be within {tolerance_fraction} of one half"
        )


def check_duplicates(given: StatementSet) -> None:
    """Refuse a set in which a text stands twice, above all once true and once false."""
    labels: defaultdict[str, list[bool]] = defaultdict(list)
    for statement in given.statements:
        labels[statement.text].append(statement.label)
    both = [text for text, found in labels.items() if len(set(found)) == 2]
    if both:
        raise HarnessError(f"{given.name}: {_some(both)} is labelled both true and false")
    twice = [text for text, found in labels.items() if len(found) > 1]
    if twice:
        raise HarnessError(f"{given.name}: {_some(twice)} occurs more than once")


def check_split(
    train_groups: Iterable[str], test_groups: Iterable[str], *, name: str, kind: str = "unit"
) -> None:
    """Refuse a split of the set `name` with a group on both sides, or with no group on one.

    `kind` says in the error what the groups are: unit, country.
    """
    train, test = set(train_groups), set(test_groups)
    if not train or not test:
        raise HarnessError(f"{name}: train has {len(train)} groups and test has {len(test)}")
    leaked = sorted(train & test)
    if leaked:
        raise HarnessError(f"{name}: {kind} {_some(leaked)} is both in train and in test")


def check_contrast(given: StatementSet, partner: StatementSet) -> None:
    """Refuse sets in which some statement lacks its negation in the other, with the other label."""
    ours = Counter((statement.contrast, statement.label) for statement in given.statements)
    theirs = Counter((statement.contrast, not statement.label) for statement in partner.statements)
    for one, other, rest in ((given, partner, ours - theirs), (partner, given, theirs - ours)):
        unpaired = sorted({contrast for contrast, _ in rest})
        if unpaired:
            raise HarnessError(
                f"{one.name}: {_some(unpaired)} has no statement of the opposite label "
                f"in {other.name}"
            )


def _some(items: Collection[str], shown: int = 5) -> str:
    listed = ", ".join(repr(item) for item in list(items)[:shown])
    return f"{listed} and {len(items) - shown} more" if len(items) > shown else listed
