"""The proposer without a language model: optuna over the knobs of the parent's recipe.

Every agent has to do better than it.
"""

import random
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from harness.autoresearch.candidate import Candidate
from harness.autoresearch.knob import Knob, Scalar, same
from harness.autoresearch.knobs import active, read_knobs, values, with_values
from harness.autoresearch.proposers.proposer import Brief, Exhausted, Proposal
from harness.autoresearch.proposers.search_space import Space

if TYPE_CHECKING:
    from optuna import Study
    from optuna.samplers import BaseSampler

Values = dict[str, Scalar]
STARTUP = 10
"""Scored trials before which values are drawn at random."""
DRAWS = 20
"""Before it gives up finding a recipe that was not tried."""
FEW = 3
"""The most knobs that a trial near to its parent changes."""
IDEAS = 4


class OptunaSearch:
    """Draws follow from the brief alone.

    Every second trial is what the sampler says. The others change one to three knobs of the parent
    to what it says: of many changes at once each has to be needed, so few are kept more often.
    """

    name = "optuna"

    def propose(self, brief: Brief, folder: Path) -> Proposal | Exhausted:
        """The first draw that no earlier trial has; `Exhausted` where there seems to be none."""
        del folder
        space = Space(read_knobs(brief.parent.knobs), brief.task.contract.learning_rate)
        tried = [known for known in map(space.known, _tried(brief)) if known is not None]
        parent = {name: knob.setting for name, knob in space.knobs.items()}
        for attempt in range(DRAWS):
            seed = brief.seed + attempt
            drawn = _asked(brief, space, seed)
            chosen = drawn if brief.trial % 2 == 0 else _few_of(drawn, parent, space, seed)
            known = space.known(chosen)
            assert known is not None, chosen
            if not any(_alike(known, each) for each in tried):
                return _proposal(brief, parent, {**parent, **known})
        return Exhausted(
            why="proposer", message=f"{DRAWS} draws in a row had been tried before: no knob is left"
        )

    def plan(self, brief: Brief, folder: Path) -> tuple[str, ...]:
        """The knobs that the fewest values of were tried."""
        del folder
        knobs = read_knobs(brief.parent.knobs)
        told = [each for each in _tried(brief) if each]
        counts = {name: len({repr(each[name]) for each in told if name in each}) for name in knobs}
        least = sorted(knobs, key=lambda name: counts[name])[:IDEAS]
        return tuple(f"{name}: {_range(knobs[name])}; {_number(counts[name])}" for name in least)


def _tried(brief: Brief) -> list[Values]:
    """Values of all that was run or is running: the trials, the parent and the incumbent."""
    own = [values(each.knobs) for each in (brief.parent, brief.incumbent)]
    return [*own, *(dict(each.values) for each in brief.memory if each.values)]


def _asked(brief: Brief, space: Space, seed: int) -> Values:
    """What a study that saw the trials so far says next."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(direction="maximize", sampler=_sampler(seed, wide=brief.wide))
    _remember(study, space, brief)
    return space.draw(study.ask())


def _sampler(seed: int, *, wide: bool) -> "BaseSampler":
    import optuna

    if wide:
        return optuna.samplers.RandomSampler(seed=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return optuna.samplers.TPESampler(
            multivariate=True,
            group=True,
            constant_liar=False,
            n_startup_trials=STARTUP,
            seed=seed,
        )


def _remember(study: "Study", space: Space, brief: Brief) -> None:
    """The incumbent first; a trial without a score as pruned, which the sampler keeps away from."""
    ran = [each for each in brief.memory if each.outcome not in ("refused", "loophole")]
    scored = [(dict(each.values), each.score) for each in ran]
    if brief.incumbent_score is not None:
        scored.insert(0, (values(brief.incumbent.knobs), brief.incumbent_score))
    for told, score in scored:
        if told:
            _add(study, space, told, score)


def _add(study: "Study", space: Space, told: Values, score: float | None) -> None:
    from optuna.trial import TrialState, create_trial

    remembered = space.remembered(told)
    if remembered is not None:
        parameters, distributions = remembered
        study.add_trial(
            create_trial(
                params=parameters,
                distributions=distributions,
                value=score,
                state=TrialState.PRUNED if score is None else TrialState.COMPLETE,
            )
        )


def _few_of(drawn: Values, parent: Values, space: Space, seed: int) -> Values:
    """The parent with one to three of the drawn values; what those turn on stays as it was."""
    effective = active(space.knobs)
    differing = [
        name for name in parent if name in effective and not same(drawn[name], parent[name])
    ]
    chooser = random.Random(seed)
    few = chooser.sample(differing, k=min(len(differing), chooser.randint(1, FEW)))
    return {**parent, **{name: drawn[name] for name in few}}


def _alike(one: Mapping[str, Scalar], other: Mapping[str, Scalar]) -> bool:
    return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)


def _proposal(brief: Brief, parent: Values, chosen: Values) -> Proposal:
    changed = {
        name: (parent[name], value)
        for name, value in chosen.items()
        if not same(parent[name], value)
    }
    knobs = with_values(brief.parent.knobs, {name: new for name, (_, new) in changed.items()})
    steps = [f"{name} {_shown(old)} → {_shown(new)}" for name, (old, new) in changed.items()]
    sampler = "at random" if brief.wide else "by TPE"
    scored = sum(1 for each in brief.memory if each.score is not None)
    return Proposal(
        candidate=Candidate(code=brief.parent.code, knobs=knobs),
        title=", ".join(steps)
        if len(steps) <= FEW
        else f"{len(steps)} knobs: {', '.join(changed)}",
        reason=f"Drawn {sampler}, with {scored} scored trials to go by: {'; '.join(steps)}.",
    )


def _shown(value: Scalar) -> str:
    match value:
        case bool():
            return str(value).lower()
        case float():
            return f"{value:g}"
        case _:
            return str(value)


def _range(knob: Knob) -> str:
    if knob.choices is not None:
        return "one of " + ", ".join(map(_shown, knob.choices))
    low, high = knob.bounds
    return f"{low:g} to {high:g}"


def _number(count: int) -> str:
    return f"{count} value{'s' * (count != 1)} tried"
