"""What a person watches while a campaign runs: a board that is drawn anew, or plain lines."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple, Protocol

import typer

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.progress import Progress, TaskID

    from harness.autoresearch.ledger.history import History
    from harness.autoresearch.ledger.ledger import Ledger
    from harness.autoresearch.machine.desk import Moment

_ROWS = 8
"""Trials that the board lists."""
_TITLE, _WHY = 60, 70


class Watcher(Protocol):
    """What a campaign tells, and the progress within its steps."""

    def tell(self, moment: "Moment") -> None:
        """Something new happens."""
        ...

    def progress(self, step: str, done: int, total: int) -> None:
        """How far a step is."""
        ...


@contextmanager
def watching(ledger: "Ledger", *, plain: bool) -> "Generator[Watcher]":
    """The board on standard error; plain lines there where that is no terminal or is not wanted."""
    from rich.console import Console

    console = Console(stderr=True)
    if plain or not console.is_terminal:
        yield Lines()
        return
    from rich.live import Live

    board = Board(ledger, console)
    with Live(get_renderable=board.drawn, console=console, refresh_per_second=4):
        yield board


class Lines:
    """A line for each thing that happens and for each trial that ends."""

    def __init__(self) -> None:
        self._last = ""

    def tell(self, moment: "Moment") -> None:
        """Say it once."""
        if moment.doing != self._last:
            self._last = moment.doing
            typer.echo(f"{_clock(moment.seconds)} {moment.doing}", err=True)

    def progress(self, step: str, done: int, total: int) -> None:
        """Not told: a log has no use for it."""


class _Now(NamedTuple):
    """What happens, and what there was when this run of the command began."""

    doing: str
    seconds: float
    trials: int
    """Ended since then."""


class Board:
    """The whole state of a campaign on one screen."""

    def __init__(self, ledger: "Ledger", console: "Console") -> None:
        self._ledger = ledger
        self._began_with = _ended(ledger.history)
        self._now = _Now("begins", 0.0, 0)
        self._bar = _bar(console)
        self._step: tuple[str, TaskID] | None = None
        self._body = self._drawn_body()

    def tell(self, moment: "Moment") -> None:
        """Draw all of it anew: something has been recorded."""
        self._clear_bar()
        ended = _ended(moment.history) - self._began_with
        self._now = _Now(moment.doing, moment.seconds, ended)
        self._body = self._drawn_body()

    def progress(self, step: str, done: int, total: int) -> None:
        """Move the bar; a step of another name, or one from its beginning, has a new one."""
        if self._step is None or self._step[0] != step or done == 0:
            self._clear_bar()
            self._step = (step, self._bar.add_task(step, total=total))
        self._bar.update(self._step[1], completed=done, total=total)

    def _clear_bar(self) -> None:
        if self._step is not None:
            self._bar.remove_task(self._step[1])
            self._step = None

    def drawn(self) -> "RenderableType":
        """The board as it stands."""
        from rich.console import Group

        return Group(self._body, self._bar)

    def _drawn_body(self) -> "RenderableType":
        from rich.console import Group

        history = self._ledger.history
        return Group(_summary(self._ledger, self._now), *_trials(history))


def _summary(ledger: "Ledger", now: _Now) -> "RenderableType":
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text

    from harness.autoresearch.report.status import status_of
    from harness.cli.autoresearch_lines import pace, status_lines

    status = status_of(ledger.history, ledger.lines, ledger.head)
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, said in status_lines(status):
        if name != "stopped":  # An earlier stop, or what `now` says too.
            grid.add_row(name, Text(said))
    grid.add_row("pace", Text(pace(status, now.trials, now.seconds)))
    grid.add_row("now", Text(now.doing, style="cyan"))
    about = f"{status.task}, {status.policy}, {status.proposer}, {status.isolation}"
    return Panel(grid, title=Text(about), title_align="left", border_style="dim")


def _trials(history: "History") -> "list[RenderableType]":
    """The last trials, the latest at the bottom."""
    if not history.trials:
        return []
    from rich.table import Table
    from rich.text import Text

    from harness.autoresearch.report.gains import trial_gain
    from harness.autoresearch.report.outcomes import LOOKS, UNDER_WAY
    from harness.autoresearch.report.sections.trials import why
    from harness.autoresearch.report.wording import one_line, signed
    from harness.report.wording import shortened

    table = Table(box=None, padding=(0, 1), show_header=False, expand=True)
    table.add_column(no_wrap=True, min_width=3, justify="right")
    table.add_column(no_wrap=True, min_width=11)
    table.add_column(no_wrap=True, ratio=3)
    table.add_column(no_wrap=True, min_width=7, justify="right")
    table.add_column(no_wrap=True, ratio=4)
    for trial in history.trials[-_ROWS:]:
        look = LOOKS[trial.outcome] if trial.outcome else None
        gain = trial_gain(history, trial)
        table.add_row(
            str(trial.number),
            Text(f"{look.glyph} {trial.outcome}" if look else f"… {UNDER_WAY}"),
            Text(shortened(one_line(trial.proposed.title), _TITLE)),
            Text(signed(gain.mean if gain else None)),
            Text(shortened(one_line(why(trial)), _WHY), style="dim"),
            style=look.style if look else "cyan",
        )
    return [table]


def _bar(console: "Console") -> "Progress":
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=console)


def _ended(history: "History") -> int:
    return sum(each.outcome is not None for each in history.trials)


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"
