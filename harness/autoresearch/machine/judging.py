"""One trial from its materialised files to its decision: dev, guardrails, ablation, gate."""

from typing import Literal

from harness.autoresearch.keep.alpha import gate_level, next_level
from harness.autoresearch.keep.gate import confirmed
from harness.autoresearch.keep.guard import broken
from harness.autoresearch.keep.look import Standing, look
from harness.autoresearch.keep.paired import standard_error
from harness.autoresearch.keep.replay import ignores_seed, is_replay
from harness.autoresearch.keep.shrink import shrunken
from harness.autoresearch.ledger.event import Decided, Test
from harness.autoresearch.ledger.history import SEEDS_OF_REIGN, History, Trial
from harness.autoresearch.machine.ablating import reduce
from harness.autoresearch.machine.desk import Desk
from harness.autoresearch.machine.pairs import CandidateInvalid, Pairs
from harness.autoresearch.simplicity import is_simpler

Why = Literal["better", "simpler", "not_better", "guardrail", "gate", "invalid", "replay"]


def judge(desk: Desk, trial: Trial) -> Decided:
    """The trial's decision; it follows from the scores of its runs."""
    judging = _Judging(desk, trial)
    try:
        return judging.decided()
    except CandidateInvalid as error:
        found = error.found
        return judging.rejected("invalid", f"{found.cause}: {found.message}")


class _Judging:
    def __init__(self, desk: Desk, trial: Trial) -> None:
        self._desk, self._trial, self._rule = desk, trial, desk.task.keep
        self._level = level_of(desk)
        campaign, candidate = desk.campaign, trial.proposed.candidate
        incumbent = trial.reign.candidate
        self._simpler = is_simpler(
            campaign.candidate(candidate),
            campaign.candidate(incumbent),
            campaign.candidate(desk.history.begun.baseline),
        )
        self._dev: Test | None = None
        self._gate: Test | None = None
        self._candidate = candidate
        first = trial.reign.dev_seed(0)
        self._pairs = Pairs(desk, trial.number, candidate, incumbent, "dev", first)

    def decided(self) -> Decided:
        """Hurdle after hurdle. Raises `CandidateInvalid`."""
        standing = self._on_dev()
        pairs = self._pairs
        if is_replay(pairs.scores(pairs.ours), pairs.scores(pairs.theirs)) and not self._simpler:
            return self.rejected("replay", "the scores are the incumbent's to the last bit")
        if ignores_seed(pairs.scores(pairs.ours)):
            return self.rejected("replay", "every seed gives the very same score")
        if standing.verdict == "give_up":
            return self.rejected("not_better", _told(pairs.differences))
        cost = broken(self._desk.task.guardrails, pairs.ours, pairs.theirs)
        if cost is not None:
            return self.rejected("guardrail", cost)
        self._candidate = reduce(self._desk, self._trial, pairs)
        return self._at_gate(simpler=standing.verdict == "simpler")

    def rejected(self, why: Why, message: str) -> Decided:
        """It is not kept."""
        outcome = "invalid" if why == "invalid" else "rejected"
        return self._decision(outcome, why, message)

    def _on_dev(self) -> Standing:
        pairs = 1
        while True:
            self._pairs.extend(pairs)
            standing = look(
                self._rule,
                self._pairs.seeds,
                self._pairs.differences,
                level=self._level,
                simpler=self._simpler,
            )
            self._dev = standing.test
            if standing.verdict != "more":
                return standing
            pairs = standing.pairs

    def _at_gate(self, *, simpler: bool) -> Decided:
        """Messages tell no number of the gate's: proposers read them."""
        fresh = self._on_gate(against=self._trial.reign.candidate)
        level = gate_level(self._rule, _gates(self._desk.history))
        passed, self._gate = confirmed(
            self._rule, fresh.seeds, fresh.differences, simpler=simpler, level=level
        )
        if not passed:
            return self.rejected("gate", "it did not hold on fresh seeds")
        if self._pays(fresh):
            return self.rejected("gate", "it broke a guardrail on fresh seeds")
        why: Why = "simpler" if simpler else "better"
        return self._decision("kept", why, _told(self._pairs.differences))

    def _on_gate(self, *, against: str) -> Pairs:
        first = self._trial.number * SEEDS_OF_REIGN
        fresh = Pairs(self._desk, self._trial.number, self._candidate, against, "gate", first)
        fresh.extend(self._rule.gate_seeds)
        return fresh

    def _pays(self, fresh: Pairs) -> bool:
        """Whether a guardrail breaks against the incumbent, or against the baseline: many keeps
        must not pay little by little."""
        rails, baseline = self._desk.task.guardrails, self._desk.history.begun.baseline
        if broken(rails, fresh.ours, fresh.theirs) is not None:
            return True
        if not rails or baseline == fresh.incumbent:
            return False
        start = self._on_gate(against=baseline)
        return broken(rails, start.ours, start.theirs) is not None

    def _decision(
        self, outcome: Literal["kept", "rejected", "invalid"], why: Why, message: str
    ) -> Decided:
        return Decided(
            trial=self._trial.number,
            outcome=outcome,
            why=why,
            message=message,
            candidate=self._candidate,
            level=self._level,
            dev=self._dev,
            gate=self._gate,
            shrunken=self._expected(),
        )

    def _expected(self) -> float | None:
        test = self._gate or self._dev
        if test is None:
            return None
        earlier = [each.decided.dev for each in self._desk.history.trials if each.decided]
        others = [
            (each.mean, standard_error(each.differences)) for each in earlier if each is not None
        ]
        return shrunken(test.mean, standard_error(test.differences), others)


def level_of(desk: Desk) -> float:
    """Alpha of the trial that is open or comes next: refused ones are no tests and cost none."""
    outcomes = [each.outcome for each in desk.history.trials]
    kept = [each == "kept" for each in outcomes if each in ("kept", "rejected", "invalid")]
    return next_level(desk.task.keep, desk.task.budget.trials, kept)


def _gates(history: History) -> list[bool]:
    """Of each earlier visit to the gate, whether it ended in a keep."""
    decided = [trial.decided for trial in history.trials]
    return [each.outcome == "kept" for each in decided if each is not None and each.gate]


def _told(differences: list[float]) -> str:
    mean = sum(differences) / len(differences)
    return f"{mean:+.4f} on average over {len(differences)} seeds"
