"""What a tool says in place of a result."""


class ToolError(Exception):
    """A call that cannot be done; the text is for the model."""
