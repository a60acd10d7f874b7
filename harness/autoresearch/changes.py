"""What a candidate changes in its parent, change by change, such that each can be left out."""

from collections.abc import Collection, Mapping
from difflib import unified_diff as diff_of_lines
from typing import NamedTuple

from harness.autoresearch.candidate import CODE, Candidate
from harness.autoresearch.hunks import LINES, Hunk, hunks, mentions, turned_back
from harness.autoresearch.knob import Knob
from harness.autoresearch.knobs import active, canonical, read_knobs, with_knobs

DIFF = 60_000
"""Characters of a diff that are kept."""


class Change(NamedTuple):
    """One thing that a candidate does otherwise."""

    name: str
    """`learning_rate`, `recipe.py lines 40-52`, `recipe.py lines 40-52 (tilt)`."""
    knobs: tuple[str, ...] = ()
    places: tuple[Hunk, ...] = ()


def changes(parent: Candidate, candidate: Candidate) -> tuple[Change, ...]:
    """One for each knob that is set otherwise and has an effect, one for each place in the code.

    A knob that is new or gone belongs to the code that names it, and places that name the same such
    knob are one change. There are none exactly where the two are equal by `canonical`. Raises
    `HarnessError` for knobs that cannot be read.
    """
    before, after = read_knobs(parent.knobs), read_knobs(candidate.knobs)
    differing = _differing(before, after)
    come_or_gone = [name for name in differing if (name in before) != (name in after)]
    groups = [Change("", (), (each,)) for each in hunks(parent.code, candidate.code)]
    for name in come_or_gone:
        groups = _gathered(groups, name, parent, candidate)
    in_code = {name for each in groups for name in each.knobs}
    alone = [Change(name, (name,)) for name in differing if name not in in_code]
    return (*alone, *(each._replace(name=_name(each)) for each in groups))


def without(parent: Candidate, candidate: Candidate, *left_out: Change) -> Candidate:
    """The candidate with some of its changes taken back; without all of them it is the parent.

    Leave several out in one call: places in the code move once one is taken back, and what was
    named by `changes` before that is found again by the parent's lines. A change that is not there
    (any more) takes nothing back.
    """
    known = changes(parent, candidate)
    found = {each for change in left_out for each in _found(change, known)}
    if found == set(known):
        return parent
    places = [place for each in found for place in each.places]
    names = [name for each in known if each in found for name in each.knobs]
    code = turned_back(parent.code, candidate.code, places)
    knobs = _knobs_without(parent, candidate, names)
    return _plainest(parent, Candidate(code=code, knobs=knobs))


def unified_diff(parent: Candidate, candidate: Candidate) -> str:
    """Of both files, as `diff -u` has it; of a text that is too long only that it differs."""
    shown: list[str] = []
    for name, old in parent.files.items():
        before, after = old.splitlines(), candidate.files[name].splitlines()
        if max(len(before), len(after)) > LINES and before != after:
            shown.append(f"{name}: differs; longer than {LINES} lines")
        else:
            shown += diff_of_lines(before, after, f"a/{name}", f"b/{name}", lineterm="")
    text = "\n".join(shown)
    left = len(text) - DIFF
    return text if left <= 0 else f"{text[:DIFF]}\n[{left:,} characters left out]"


def _found(change: Change, known: Collection[Change]) -> list[Change]:
    if change in known:
        return [change]
    return [
        each
        for each in known
        if set(each.knobs) & set(change.knobs)
        or any(one.meets(other) for one in each.places for other in change.places)
    ]


def _differing(before: Mapping[str, Knob], after: Mapping[str, Knob]) -> list[str]:
    """Knobs that have an effect on either side, and another value or another `when`."""
    with_effect = active(before) | active(after)
    return [
        name
        for name in dict.fromkeys([*before, *after])
        if name in with_effect and _meaning(before.get(name)) != _meaning(after.get(name))
    ]


def _meaning(knob: Knob | None) -> tuple[str, str | None] | None:
    return None if knob is None else (repr(knob.setting), knob.when)


def _gathered(
    groups: list[Change], knob: str, parent: Candidate, candidate: Candidate
) -> list[Change]:
    """With those that name the knob as one, which the knob belongs to."""

    def names_it(group: Change) -> bool:
        texts = (each.texts(parent.code, candidate.code) for each in group.places)
        return any(mentions(text, knob) for text in texts)

    found = [each for each in groups if names_it(each)]
    if not found:
        return groups
    places = tuple(sorted(place for each in found for place in each.places))
    knobs = tuple(name for each in found for name in each.knobs)
    one = Change("", (*knobs, knob), places)
    return sorted([one, *(each for each in groups if each not in found)], key=lambda it: it.places)


def _name(change: Change) -> str:
    places = ", ".join(place.shown for place in change.places)
    return f"{CODE} {places}" + (f" ({', '.join(change.knobs)})" if change.knobs else "")


def _knobs_without(parent: Candidate, candidate: Candidate, names: Collection[str]) -> str:
    before, knobs = read_knobs(parent.knobs), read_knobs(candidate.knobs)
    for name in names:
        if name in before:
            knobs[name] = before[name]
        else:
            del knobs[name]
    return with_knobs(candidate.knobs, _hung(knobs, before)) if names else candidate.knobs


def _hung(knobs: Mapping[str, Knob], before: Mapping[str, Knob]) -> dict[str, Knob]:
    """Two files mixed such that each `when` names a knob and none leads in a circle.

    What a knob of the parent's hangs on comes back with it; a `when` of the candidate's goes.
    """
    kept: dict[str, Knob] = dict(knobs)
    added = [*kept]
    for name in added:
        on = kept[name].when
        if on is not None and on not in kept and on in before:
            kept[on] = before[on]
            added.append(on)
    for name in knobs:
        is_parents = name in before and kept[name].when == before[name].when
        if not is_parents and not _leads_to_an_end(name, kept):
            kept[name] = kept[name].model_copy(update={"when": None})
    return kept


def _leads_to_an_end(name: str, knobs: Mapping[str, Knob]) -> bool:
    passed, at = {name}, knobs[name].when
    while at is not None and at in knobs and at not in passed:
        passed.add(at)
        at = knobs[at].when
    return at is None


def _plainest(parent: Candidate, candidate: Candidate) -> Candidate:
    """With the parent's own file where the two differ in nothing that has an effect."""
    code_as_parent = candidate.model_copy(update={"code": parent.code})
    if canonical(code_as_parent) == canonical(candidate):
        candidate = code_as_parent
    knobs_as_parent = candidate.model_copy(update={"knobs": parent.knobs})
    return knobs_as_parent if canonical(knobs_as_parent) == canonical(candidate) else candidate
