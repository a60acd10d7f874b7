"""What was spent, in words: dollars only where every call has a price."""

from agents.metering import StepSpent


def spent_text(spent: StepSpent) -> str:
    """Calls, tokens and dollars."""
    tokens = f"{spent.input_tokens:,} tokens in, {spent.output_tokens:,} out"
    parts = [f"{spent.calls} calls, {tokens}", _dollars(spent)]
    if spent.stored:
        parts.append(f"{spent.stored} answered from what was paid before")
    if spent.assumed:
        parts.append(f"{spent.assumed} counted at the most that they can have taken")
    if spent.refused:
        parts.append(f"{spent.refused} refused")
    return "; ".join(parts)


def _dollars(spent: StepSpent) -> str:
    if spent.usd is not None:
        return f"${spent.usd:.4f}"
    return f"dollars unverified: {spent.unverified} calls have no price"
