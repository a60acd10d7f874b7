"""What an API loop lets its model do, all of it in the cell."""

from agents.drivers.tools.toolbox import TOOLS, Result, Tool, Toolbox

__all__ = ["TOOLS", "Result", "Tool", "Toolbox"]
