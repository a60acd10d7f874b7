"""How to check it, and how to obtain it again."""

from shlex import quote

from harness.autoresearch.report.material import Material
from harness.report.document import Block, Code, Commands, Heading, Listing, Paragraph
from harness.report.wording import counted


def again_section(material: Material) -> list[Block]:
    """Commands, and the digests that stand for what happened."""
    begun, name = material.begun, quote(material.name)
    options = f"--policy {begun.policy} --proposer {quote(begun.proposer)} --seed {begun.seed}"
    secret = (
        "Give --secret-seed the seed that this campaign was begun with to get the same worlds."
        if begun.secret_is_known
        else "The secret was drawn: a new campaign has other worlds and seeds."
    )
    return [
        Heading(2, "Check it, run it again", "again"),
        Commands(
            f"harness autoresearch replay {name} --rerun 3\n"
            f"harness autoresearch init {quote(begun.task.id)} {options}"
        ),
        Paragraph(
            (
                "Replay derives every decision anew from the recorded scores, and trains some runs "
                f"again. {secret}",
            )
        ),
        Listing(
            (
                ("Ledger: ", counted(len(material.lines), "line"), ", head ", Code(material.head)),
                ("Software: ", Code(begun.software)),
                ("Baseline: ", Code(begun.baseline)),
                ("SHA-256 of the secret: ", Code(begun.secret_sha256)),
                (
                    f"Isolation {begun.isolation}, device {begun.device}, policy {begun.policy}, "
                    f"proposer {begun.proposer}, seed {begun.seed}",
                ),
            )
        ),
    ]
