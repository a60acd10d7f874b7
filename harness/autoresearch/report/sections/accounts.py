"""What it cost, and what the tests have used of the family-wise level."""

from harness.autoresearch.report.alpha import alpha_of
from harness.autoresearch.report.cost import cost_of
from harness.autoresearch.report.material import Material
from harness.autoresearch.report.wording import chance, dollars, duration
from harness.report.document import Block, Heading, Listing, Strong
from harness.report.wording import counted


def accounts_section(material: Material) -> list[Block]:
    """Cost, then alpha."""
    return [*_cost(material), *_alpha(material)]


def _cost(material: Material) -> list[Block]:
    cost = cost_of(material.lines)
    tokens = "unknown" if cost.tokens is None else f"{cost.tokens:,}"
    return [
        Heading(2, "Cost", "cost"),
        Listing(
            (
                (
                    Strong(duration(cost.busy_seconds)),
                    f" of work in {duration(cost.wall_seconds)} from first line to last",
                ),
                (Strong(counted(cost.trainings, "training")),),
                (
                    "Paid to models: ",
                    Strong(dollars(cost.usd, cost.priced, cost.proposals)),
                    "; tokens: ",
                    Strong(tokens),
                ),
            )
        ),
    ]


def _alpha(material: Material) -> list[Block]:
    rule, alpha = material.task.keep, alpha_of(material.history)
    looks = ", ".join(map(str, rule.looks))
    return [
        Heading(2, "Error budget", "alpha"),
        Listing(
            (
                (
                    f"Chance that the whole campaign keeps anything that is not better: at most "
                    f"{rule.alpha:g}, over {material.task.budget.trials} trials.",
                ),
                (
                    "Used by ",
                    counted(alpha.tested, "tested trial"),
                    ": ",
                    Strong(chance(alpha.spent)),
                    "; left: ",
                    Strong(chance(alpha.left)),
                    f"; level of the next trial: {chance(alpha.next_level)}.",
                ),
                (
                    f"Looks at {looks} paired seeds; then {rule.gate_seeds} fresh pairs on the "
                    f"gate's world, whose visits share {rule.gate_alpha:g}. "
                    "A keep hands its level on.",
                ),
            )
        ),
    ]
