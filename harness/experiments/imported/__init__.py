"""Numbers that others measured: their files are fetched by content and read, nothing is run."""

from collections.abc import Iterator

from harness.data.download import find_or_download
from harness.experiments.context import Context
from harness.experiments.imported.reading import read
from harness.experiments.imported.result_file import ResultFile
from harness.manifest import DataUsed
from harness.measurement import Measurement
from harness.record import HarnessError
from harness.specs.imported import ImportedNumber, ImportedSpec

__all__ = ["run"]


def run(spec: ImportedSpec, context: Context) -> Iterator[Measurement]:
    """One row a listed number, in their order.

    Raises `HarnessError` where a file cannot be had or has other content than named, where a
    reading does not fit it, and where it says another verdict than the spec says it does.
    """
    files: dict[str, ResultFile] = {}
    for done, number in enumerate(spec.numbers):
        context.progress("results of others", done, len(spec.numbers))
        if number.file not in files:
            files[number.file] = _fetch(spec, number, context)
        yield _row(spec, number, files[number.file])
    context.progress("results of others", len(spec.numbers), len(spec.numbers))


def _fetch(spec: ImportedSpec, number: ImportedNumber, context: Context) -> ResultFile:
    content = find_or_download(number.file, url=spec.url(number), sha256=number.sha256)
    of_file = [each for each in spec.numbers if each.file == number.file]
    other = sorted({each.sha256 for each in of_file} - {number.sha256})
    if other:
        raise HarnessError(f"{number.file}: named with two hashes, {number.sha256} and {other[0]}")
    context.data[number.file] = DataUsed(
        source=f"{spec.repository} at {spec.commit[:12]}",
        sha256=number.sha256,
        statements=len(of_file),
    )
    return ResultFile.parse(content, number.file)


def _row(spec: ImportedSpec, number: ImportedNumber, file: ResultFile) -> Measurement:
    if number.said is not None:
        said = number.said
        file.require(said.at, said.value)
        if file.truth(said.success_at) != said.success:
            raise HarnessError(f"{file.name}: {said.success_at}: is not {said.success}")
    scale = read(number.reading, file)
    return Measurement(
        experiment=spec.id,
        metric=number.metric,
        value=scale.value,
        stderr=scale.stderr,
        n=scale.n,
        seed=number.seed,
        conditions={"model": spec.model, **number.where},
        control=number.control,
        items=scale.items,
    )
