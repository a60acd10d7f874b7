"""The end of a campaign before its last step."""

from agents.replicate.journal import Why


class Stop(Exception):
    """Ends a campaign for now; journalled with its reason, and the same command goes on."""

    def __init__(self, why: Why, message: str) -> None:
        super().__init__(f"{why}: {message}")
        self.why: Why = why
        self.message = message
