"""The script that installs the harness and runs a replication again, from a fresh clone."""

from shlex import quote

from harness.report.material import Material

NAME = "reproduce.sh"
_SCRIPT = """\
#!/usr/bin/env bash
set -e; CDPATH= cd -- "$(dirname -- "${{BASH_SOURCE[0]}}")/../../.."; make install
.venv/bin/harness rerun {folder}
"""


def reproduce_script(material: Material) -> str:
    """The text of `reproduce.sh`. It finds the clone from where it lies itself."""
    return _SCRIPT.format(folder=quote(material.folder))
