"""Where a key stands in a spec, so that an error can name file, line and key."""

from functools import cached_property
from typing import NamedTuple, cast

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

Keys = tuple[str | int, ...]


class Misplaced(NamedTuple):
    """What is wrong with a part of a spec."""

    keys: Keys
    message: str


class Places:
    """The lines of one YAML file that was read without errors."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self._text = text

    def say(self, wrong: Misplaced) -> str:
        """`file:line: key: message`, with no line where the first key does not stand there."""
        line = self._line(wrong.keys)
        where = self.file if line is None else f"{self.file}:{line}"
        return f"{where}: {dotted(wrong.keys)}: {wrong.message}"

    def _line(self, keys: Keys) -> int | None:
        """Of the innermost key that stands there: what has a default may not."""
        node: object = self._root
        line: int | None = None
        for key in keys:
            if isinstance(node, CommentedMap) and key in node:
                line = cast("int", node.lc.key(key)[0]) + 1
            elif isinstance(node, CommentedSeq) and isinstance(key, int) and key < len(node):
                line = cast("int", node.lc.item(key)[0]) + 1
            else:
                break
            node = node[key]
        return line

    @cached_property
    def _root(self) -> object:
        return YAML(typ="rt", pure=True).load(self._text)


def dotted(keys: Keys) -> str:
    """`experiments[0].layer`."""
    parts = (f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys)
    return "".join(parts).removeprefix(".")
