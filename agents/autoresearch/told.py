"""What the agent is told of a trial: the task in plain words, and the files that it finds."""

from typing import assert_never

from agents.autoresearch.remembered import number, pages, table
from agents.autoresearch.turn import PROMPTS
from agents.filled import filled
from harness.autoresearch.ledger.event import Kind
from harness.autoresearch.proposers.proposer import Brief
from harness.autoresearch.task import Contract, Guardrail, Task
from harness.plain_text import plain
from harness.untrusted import quoted

MOST_IDEAS = 8
"""Of a planning sprint."""
_LONGEST_IDEAS = 6_000
_WIDE = (
    "The search is on a plateau: look far from what was tried, and do not mend details of it.\n\n"
)


def trial_prompt(brief: Brief) -> str:
    """Of one change."""
    return filled(
        PROMPTS / "trial.md",
        trial=str(brief.trial),
        title=brief.task.title,
        about=brief.task.about,
        how=(_WIDE if brief.wide else "") + _how(brief.how),
        idea=_idea(brief),
        measure=_measure(brief.task),
        scores=_scores(brief),
        contract=_contract(brief.task.contract),
        memory=table(brief.memory),
    )


def plan_prompt(brief: Brief) -> str:
    """Of the planning sprint."""
    return filled(
        PROMPTS / "plan.md",
        title=brief.task.title,
        about=brief.task.about,
        most=str(MOST_IDEAS),
        measure=_measure(brief.task),
        scores=_scores(brief),
        contract=_contract(brief.task.contract),
        memory=table(brief.memory),
    )


def files(brief: Brief, prompt: str) -> dict[str, str]:
    """What lies in the agent's folder, by path: recipe, task, memory."""
    other = {} if brief.incumbent == brief.parent else brief.incumbent.files
    return {
        **brief.parent.files,
        **{f"parent/{name}": text for name, text in brief.parent.files.items()},
        **{f"incumbent/{name}": text for name, text in other.items()},
        **pages(brief.memory),
        "TASK.md": prompt,
    }


def _how(how: Kind) -> str:
    match how:
        case "draft":
            return (
                "Draft a recipe that goes another way than those before it. You find the starting "
                "recipe; edit `recipe.py` and `knobs.yaml` as far as your idea needs it."
            )
        case "improve":
            return (
                "Improve the recipe that you find, by one change to `recipe.py`, to `knobs.yaml` "
                "or to both. Values of knobs alone are a change too."
            )
        case "debug":
            return (
                "The recipe that you find came to no score. `memory/trials.md` has why, with the "
                "end of what it printed. Mend it, and keep to what it was meant to try."
            )
        case _:
            assert_never(how)


def _idea(brief: Brief) -> str:
    if brief.idea is not None:
        followed = quoted(plain(brief.idea), "the idea", _LONGEST_IDEAS)
        return f"This trial belongs to an idea that is being followed. {followed}"
    told = "`idea` names in a few words what further trials may follow up; null where it is none."
    if not brief.ideas:
        return told
    listed = quoted("\n".join(map(plain, brief.ideas)), "ideas of the planning", _LONGEST_IDEAS)
    return f"{told} There was a planning, whose ideas you may take up or not. {listed}"


def _measure(task: Task) -> str:
    lines = [f"`{task.metric}`, of which more is better, on {task.eval_samples:,} activations."]
    lines += map(_guarded, task.guardrails)
    return "\n".join(lines)


def _guarded(rail: Guardrail) -> str:
    direction = "lower" if rail.higher_is_better else "higher"
    return (
        f"- `{rail.metric}` may be {direction} than the incumbent's by {rail.tolerance:g} at most."
    )


def _scores(brief: Brief) -> str:
    told = f"The incumbent's score: {number(brief.incumbent_score)}."
    if brief.incumbent == brief.parent:
        return f"{told} The recipe that you find is the incumbent."
    return f"{told} The recipe that you find is another; the incumbent lies in `incumbent/`."


def _contract(held: Contract) -> str:
    return "\n".join(
        (
            f"- {held.width:,} latents; {held.samples:,} training samples, and no more.",
            f"- On average {held.l0.low:g} to {held.l0.high:g} latents are active on a sample that "
            f"is measured; recipes aim at {held.target_l0:g}.",
            f"- The knob `learning_rate` lies from {held.learning_rate.low:g} to "
            f"{held.learning_rate.high:g}.",
            f"- At most {held.parameters:,} numbers in the trained state, and {held.code_lines} "
            "lines of `recipe.py` that are neither blank nor comment.",
            f"- {held.seconds:g} s for a training, {held.encode_seconds:g} s for encoding, "
            f"{held.memory_gib:g} GiB of memory.",
        )
    )
