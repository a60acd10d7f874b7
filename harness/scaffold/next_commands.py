"""Which commands come after a scaffold."""

from pathlib import Path

from harness.problems import left_to_write
from harness.record import read_text
from harness.scaffold.paper_file import paper_file


def next_commands(project: Path, root: Path) -> list[str]:
    """The commands to run in turn on a replication's folder, those on a paper to write first."""
    folder = root.relative_to(project).as_posix()
    paper = root.parent.name
    stages = [f"harness {stage} {folder}" for stage in ("check", "run", "judge", "report")]
    if not _is_to_write(paper_file(project, paper)):
        return stages
    return [
        f"harness claims text {paper} URL_OR_FILE",
        f"harness claims audit {paper}",
        stages[0],
        f"harness freeze {paper}",
        *stages,
    ]


def _is_to_write(file: Path) -> bool:
    return bool(left_to_write(file, read_text(file)))
