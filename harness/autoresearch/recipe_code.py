"""A recipe's code as text: what of it can have an effect, and how long it is. Nothing is run."""

import ast
import io
import tokenize
import warnings

from harness.autoresearch.candidate import CODE
from harness.record import HarnessError

BYTES = 256 * 1024
"""No recipe is longer."""
_NO_CODE = (SyntaxError, ValueError, RecursionError, MemoryError)
"""What the parser raises: also for zero bytes, and for what is nested too deep."""
_HOLDS_STATEMENTS = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_SILENT = (
    *(tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT),
    tokenize.ENDMARKER,
)

_LINE = 100
"""Characters."""


def defined(code: str) -> set[str]:
    """Names of the functions at the top level. Raises `HarnessError` as `without_words` does."""
    return {each.name for each in _parsed(code).body if isinstance(each, ast.FunctionDef)}


def without_words(code: str) -> str:
    """The code written anew, a statement a line, without comments, blank lines and docstrings.

    Raises `HarnessError` with the line of what is not Python, and for code that is too long.
    """
    tree = _parsed(code)
    for node in ast.walk(tree):
        if isinstance(node, _HOLDS_STATEMENTS) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    try:
        return ast.unparse(tree)
    except _NO_CODE as error:
        raise HarnessError(f"{CODE}: nested too deep to be read") from error


def statement_lines(code: str) -> int:
    """Lines of `without_words`, long ones as often as they fill a line.

    No way of writing the same statements makes them fewer, nor does a text that is run as code.
    """
    return sum(-(-len(line) // _LINE) for line in without_words(code).split("\n"))


def code_lines(code: str) -> int:
    """Lines that are neither blank nor a comment; a line of several statements counts as several.

    Raises `HarnessError` as `without_words` does.
    """
    statements = statement_lines(code)
    text = io.StringIO(code, newline=None)
    kept: set[int] = set()
    try:
        for token in tokenize.generate_tokens(text.readline):
            if token.type not in _SILENT:
                lines = token.string.split("\n")
                kept.update(token.start[0] + at for at, line in enumerate(lines) if line.strip())
    except (tokenize.TokenError, SyntaxError) as error:
        raise HarnessError(f"{CODE}: not Python: {error}") from error
    return max(statements, len(kept))


def _parsed(code: str) -> ast.Module:
    if len(code.encode(errors="replace")) > BYTES:
        raise HarnessError(f"{CODE}: longer than {BYTES // 1024} KiB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(code)
    except SyntaxError as error:
        raise HarnessError(f"{CODE}:{error.lineno or 1}: not Python: {error.msg}") from error
    except _NO_CODE as error:
        raise HarnessError(f"{CODE}: not Python: {type(error).__name__}") from error
