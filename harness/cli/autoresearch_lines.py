"""The lines of `status` and of the board, from the same numbers."""

from typing import TYPE_CHECKING

from harness.report.wording import counted, metric_name

if TYPE_CHECKING:
    from harness.autoresearch.report.status import Compared, Status


def status_lines(status: "Status") -> list[tuple[str, str]]:
    """Name and words of each line."""
    lines = [
        ("incumbent", _incumbent(status)),
        ("score", _score(status)),
        ("gain", _gain(status)),
        ("sealed", _sealed(status)),
        ("tests", _tests(status)),
        ("trials", _trials(status)),
        ("spent", _spent(status)),
        ("alpha", _alpha(status)),
        ("plateau", f"{counted(status.since_keep, 'trial')} without a keep, of {status.plateau}"),
    ]
    if warned := _warnings(status):
        lines.insert(0, ("caution", warned))
    if status.under_way is not None:
        lines.append(("under way", _under_way(status)))
    if status.stopped is not None:
        lines.append(("stopped", f"{status.stopped}: {status.stop_message}"))
    return lines


def pace(status: "Status", ended: int, seconds: float) -> str:
    """Trials an hour of this run of the command, and how long the budget's rest then takes."""
    from harness.autoresearch.report.wording import duration

    if ended == 0 or seconds <= 0:
        return f"no trial has ended yet, after {duration(seconds)}"
    left = max(status.trials_budget - status.trials, 0)
    rest = duration(left * seconds / ended)
    return f"{3600 * ended / seconds:.1f} trials/h; the {left} left take about {rest}"


def _warnings(status: "Status") -> str:
    found = ["unsafe: no isolation"] * status.unsafe
    found += ["the secret is known"] * status.secret_is_known
    return "; ".join(found)


def _incumbent(status: "Status") -> str:
    from harness.autoresearch.report.wording import one_line

    at = status.incumbent
    where = f"trial {at.trial}, {one_line(at.title, 80)}" if at.trial else "the baseline"
    return f"{where} ({at.candidate[:12]})"


def _score(status: "Status") -> str:
    from harness.autoresearch.report.wording import score_text

    metric, seeds = metric_name(status.metric), counted(status.incumbent.seeds, "seed")
    baseline = f"; baseline {score_text(status.baseline)}" if status.incumbent.trial else ""
    return f"{metric} {score_text(status.incumbent.dev)} on dev, {seeds}{baseline}"


def _gain(status: "Status") -> str:
    from harness.autoresearch.report.wording import gain_text, signed

    if status.dev_gain is None:
        return "none yet over the baseline"
    gate, shrunken = gain_text(status.gate_gain), signed(status.shrunken_gain)
    return f"{gain_text(status.dev_gain)} dev; {gate} gate; {shrunken} expected"


def _sealed(status: "Status") -> str:
    from harness.autoresearch.report.wording import gain_text

    return "not yet" if status.sealed_gain is None else gain_text(status.sealed_gain)


def _tests(status: "Status") -> str:
    dev = _test(status.last_dev, "dev")
    gate = _test(status.last_gate, "gate")
    return "; ".join(filter(None, (dev, gate))) or "none yet"


def _test(test: "Compared | None", tier: str) -> str:
    from harness.autoresearch.report.wording import against

    if test is None:
        return ""
    pairs = counted(test.pairs, "pair")
    return f"{tier} {against(test.p, test.level)} (trial {test.trial}, {pairs})"


def _trials(status: "Status") -> str:
    each = ", ".join(f"{count} {outcome}" for outcome, count in status.outcomes.items())
    return f"{status.trials} of {status.trials_budget}" + (f": {each}" if each else "")


def _spent(status: "Status") -> str:
    from harness.autoresearch.report.wording import dollars

    cost = status.cost
    hours = f"{cost.busy_seconds / 3600:.2f} of {status.hours_budget:g} h"
    usd = dollars(cost.usd, cost.priced, cost.proposals)
    tokens = "unknown" if cost.tokens is None else f"{cost.tokens:,}"
    return f"{hours}; {counted(cost.trainings, 'training')}; dollars {usd}; tokens {tokens}"


def _alpha(status: "Status") -> str:
    from harness.autoresearch.report.wording import chance

    alpha = status.alpha
    left, level = chance(alpha.left), chance(alpha.next_level)
    return f"{chance(alpha.spent)} spent, {left} left; level of the next trial {level}"


def _under_way(status: "Status") -> str:
    from harness.autoresearch.report.wording import one_line

    at = status.under_way
    assert at is not None, status.task
    had, looks = counted(at.pairs, "pair"), ", ".join(map(str, at.looks))
    return f"trial {at.trial}, {one_line(at.title, 80)}: {had} on dev so far, looks at {looks}"
