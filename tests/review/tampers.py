"""Steps of tampering, from which cases are put together."""

import io
import json
import os
import pickle
import zipfile
from collections.abc import Callable, Iterable, Sequence
from statistics import fmean, stdev
from typing import Any, NamedTuple

import numpy as np

from harness.freeze import freeze
from harness.measurement import Items
from harness.replication import Replication, load_paper
from harness.report import write_report
from harness.review.finding import Finding, Severity
from harness.run import write_verdicts
from tests.review.desk import NAME, OTHER, ROWS, Desk, Row

Tamper = Callable[[Desk], Sequence[tuple[str, str, bytes]] | None]
"""Changes the folder; gives entries that only git can hold."""


class Case(NamedTuple):
    """One way to tamper, and where it must be found."""

    name: str
    tamper: Tamper
    rule: str
    path: str
    severity: Severity = "blocker"

    def caught(self, findings: Iterable[Finding]) -> Finding | None:
        """The finding that this case must give."""
        outside = self.path.startswith(("papers/", "harness/", ".github/", OTHER))
        at = self.path if outside else within(self.path)
        for each in findings:
            if (each.rule, each.severity, each.path) == (self.rule, self.severity, at):
                return each
        return None


def within(path: str) -> str:
    """A file of the replication, from the project's folder."""
    return f"{NAME}/{path}"


class Runs:
    """Unpickled, it runs a command."""

    def __init__(self, command: str) -> None:
        self._command = command

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
        return os.system, (self._command,)


def replaced(path: str, old: str, new: str) -> Tamper:
    """A text in a file of the replication, or of the project, becomes another."""
    target = path if path.startswith("papers") else within(path)
    return lambda desk: desk.replace(target, old, new)


def planted(path: str, content: str | bytes) -> Tamper:
    """A file is added, or takes the place of one."""
    return lambda desk: desk.put(within(path), content)


def appended(path: str, text: str) -> Tamper:
    """A file ends in something more."""
    return lambda desk: desk.put(within(path), (desk.folder / path).read_text() + text)


def raw(mode: str, path: str, content: bytes) -> Tamper:
    """An entry that git holds; NUL separates the parts of its path."""
    return lambda _: [(mode, f"{NAME}/{path}".replace("/", "\0"), content)]


def row(metric: str, change: Callable[[Row], None], *, seed: int = 0, **where: str) -> Tamper:
    """The first row of a metric, a seed and conditions is changed."""

    def chosen(row: Row) -> bool:
        is_real = row["metric"] == metric and row["seed"] == seed and "control" not in row
        return is_real and all(row["conditions"].get(key) == value for key, value in where.items())

    return lambda desk: desk.change_row(chosen, change)


def stated(**values: object) -> Callable[[Row], None]:
    """Other values in a row; `None` takes a key away."""

    def change(row: Row) -> None:
        row.update(values)
        for key in [key for key, value in row.items() if value is None]:
            del row[key]

    return change


def repacked(scores: Callable[[int], list[float]]) -> Callable[[Row], None]:
    """Other scores of the units, with the value and the standard error that they give."""

    def change(row: Row) -> None:
        given = scores(row["n"])
        row["items"] = Items.pack(row["items"]["set"], given).model_dump()
        row["value"], row["stderr"] = fmean(given), stdev(given) / len(given) ** 0.5

    return change


def rows(change: Callable[[list[Row]], list[Row]]) -> Tamper:
    """All rows are replaced."""
    return lambda desk: desk.put_rows(change(desk.rows()))


def copied_seed(given: list[Row]) -> list[Row]:
    """Seed 2 says what seed 1 said."""

    def key(row: Row) -> str:
        return json.dumps([row["metric"], row.get("control"), row["conditions"]])

    first = {key(row): row for row in given if row["seed"] == 1}
    return [
        {**first[key(row)], "seed": 2} if row["seed"] == 2 and key(row) in first else row
        for row in given
    ]


def copied_control(given: list[Row]) -> list[Row]:
    """The control says what the real direction says."""
    metric = "logit_difference_recovered"

    def key(row: Row) -> str:
        return json.dumps([row["metric"], row["seed"], row["conditions"]])

    real = {key(row): row for row in given if "control" not in row and row["metric"] == metric}
    return [
        {**real[key(row)], "control": row["control"]}
        if "control" in row and key(row) in real
        else row
        for row in given
    ]


def verdict(claim: str, key: str, value: str) -> Tamper:
    """A stored verdict says something else."""

    def tamper(desk: Desk) -> None:
        stored: dict[str, Any] = json.loads((desk.folder / "verdicts.json").read_text())
        for each in stored["verdicts"]:
            if each["claim"] == claim:
                each[key] = value
        text = json.dumps(stored, indent=2, ensure_ascii=False)
        desk.put(within("verdicts.json"), f"{text}\n")

    return tamper


def both(*tampers: Tamper) -> Tamper:
    """One after the other."""
    return lambda desk: [entry for tamper in tampers for entry in tamper(desk) or ()]


def drawn_anew(tamper: Tamper) -> Tamper:
    """Verdicts and report are made again of what was tampered with, so that they agree with it."""

    def tampered(desk: Desk) -> None:
        tamper(desk)
        replication = Replication.open(desk.folder)
        write_verdicts(replication)
        write_report(replication)

    return tampered


def swapped_model(desk: Desk) -> None:
    """Another model, nowhere declared, with every digest computed again."""
    desk.replace(within("replication.yaml"), "model: smollm2-135m-instruct", "model: capitals-4l")
    before = (desk.folder / ROWS).read_text()
    (desk.folder / ROWS).unlink()
    (spec,) = Replication.open(desk.folder).spec.experiments
    changed = before.replace('"model":"smollm2-135m-instruct"', '"model":"capitals-4l"')
    desk.put(within(f"measurements/direction.{spec.digest[:8]}.jsonl"), changed)
    manifest = json.loads((desk.folder / "manifest.json").read_text())
    manifest["experiments"]["direction"]["spec_digest"] = spec.digest
    desk.put(within("manifest.json"), json.dumps(manifest, indent=2) + "\n")


def frozen_anew(tamper: Tamper) -> Tamper:
    """The paper is tampered with and frozen again, and the replication names the new digest."""

    def tampered(desk: Desk) -> None:
        before = load_paper(desk.project, "sentiment").digest
        tamper(desk)
        after = freeze(desk.project, "sentiment", again=True).frozen.paper_digest
        desk.replace(within("replication.yaml"), before, after)

    return tampered


def removed(path: str) -> Tamper:
    """A file, by its path from the project's folder, is gone."""
    return lambda desk: (desk.project / path).unlink()


def other_digest(desk: Desk) -> None:
    """The replication says that it was written against another spec."""
    digest = load_paper(desk.project, "sentiment").digest
    desk.replace(within("replication.yaml"), digest, digest[::-1])


def with_pickle(path: str) -> Tamper:
    """A pickle that leaves the mark when it is loaded."""
    return lambda desk: desk.put(within(path), pickle.dumps(Runs(desk.command())))


def pickle_in_arrays(desk: Desk) -> None:
    """An array of objects, which numpy stores as a pickle."""
    file = io.BytesIO()
    objects = np.empty(1, dtype=object)
    objects[0] = Runs(desk.command())
    np.savez(file, allow_pickle=True, pca=objects)
    desk.put(within("artifacts/direction.7de6cd96.pca.npz"), file.getvalue())


def pickle_in_zip(desk: Desk) -> None:
    """The form that torch saves, under the name of arrays."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(Runs(desk.command())))
    desk.put(within("artifacts/direction.7de6cd96.pca.npz"), file.getvalue())


def running(path: str) -> Tamper:
    """Code that leaves the mark when it is imported or run."""
    return lambda desk: desk.put(within(path), f"import os\nos.system({desk.command()!r})\n")


def tagged_yaml(desk: Desk) -> None:
    """A tag by which unsafe loaders run a command."""
    tag = f"x: !!python/object/apply:os.system [{json.dumps(desk.command())}]\n"
    desk.put(within("replication.yaml"), (desk.folder / "replication.yaml").read_text() + tag)


def attributes(desk: Desk) -> None:
    """Filters that the repository would run on a checkout."""
    desk.put(within(".gitattributes"), "* filter=canary\n")


def notebook_cell(desk: Desk) -> None:
    """One more cell of code."""
    book = json.loads((desk.folder / "replication.ipynb").read_text())
    book["cells"][1]["source"] = f"import os\nos.system({desk.command()!r})"
    desk.put(within("replication.ipynb"), json.dumps(book, indent=1) + "\n")


def swapped_figure(desk: Desk) -> None:
    """The figure of another paper."""
    desk.put(
        within("figures/forest.png"), (desk.project / OTHER / "figures/forest.png").read_bytes()
    )


def csv_number(desk: Desk) -> None:
    """The last digit of the first mean of a table."""
    lines = (desk.folder / "tables/estimates.csv").read_text().split("\n")
    lines[2] = lines[2].replace("0.", "0.9", 1)
    desk.put(within("tables/estimates.csv"), "\n".join(lines))
