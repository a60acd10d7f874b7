"""A program in place of a command-line agent: it prints lines that were seen of the real one."""

import json
from pathlib import Path
from typing import Any


def plays(path: Path, *lines: dict[str, Any] | str, errors: str = "", code: int = 0) -> Path:
    """A program that takes in its prompt, prints the lines and ends."""
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    told = path.with_suffix(".jsonl")
    told.write_text("".join(f"{text}\n" for text in texts))
    path.write_text(
        "#!/bin/sh\n"
        'if [ "$1" = --version ]; then echo 1.2.3; exit; fi\n'
        f"cat > {path}.prompt\n"
        f'printf "%s\\n" "$@" > {path}.arguments\n'
        f"cat {told}\n"
        f"echo '{errors}' >&2\n"
        f"exit {code}\n"
    )
    path.chmod(0o755)
    return path
