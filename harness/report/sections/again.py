"""How to obtain the numbers again: the commands, and what they ran on last time."""

from harness.manifest import ExperimentRun, Manifest
from harness.report.document import (
    Block,
    Code,
    Commands,
    Details,
    Heading,
    Line,
    Link,
    Listing,
    Paragraph,
    Table,
    TableCell,
    cell,
)
from harness.report.material import Material
from harness.report.reproduce import NAME as REPRODUCE
from harness.report.sections.outcome import models
from harness.report.wording import DASH, counted
from harness.specs import ImportedSpec


def again_section(material: Material) -> list[Block]:
    """Commands, files and manifest."""
    return [
        Heading(2, "Run it again", "again"),
        Commands("\n".join(_commands(material))),
        Paragraph(
            (
                "From a fresh clone, installation included: ",
                Code(f"bash {material.folder}/{REPRODUCE}"),
                " (",
                Link(REPRODUCE, REPRODUCE),
                "). The same through Python: ",
                Link("replication.ipynb", "replication.ipynb"),
                ". All estimates: ",
                Link("tables/estimates.csv", "tables/estimates.csv"),
                ". Rows as measured: ",
                Link("measurements/", "measurements/"),
                ".",
            )
        ),
        *([_manifest(material.manifest)] if material.manifest else []),
    ]


def is_imported(material: Material) -> bool:
    """Whether every number was measured by others."""
    return all(isinstance(each, ImportedSpec) for each in material.spec.experiments)


def _commands(material: Material) -> list[str]:
    rerun = f"harness rerun {material.folder}"
    if is_imported(material):
        return [rerun]
    return [rerun, f"harness replicate {material.paper.id} --model {models(material)[0]}"]


def _manifest(manifest: Manifest) -> Details:
    return Details(
        ("Manifest: code, machine, packages, models, data, time",),
        (
            Listing(tuple(_machine(manifest))),
            Table(("Experiment", "Spec", "Time", "Peak memory", "Device"), _runs(manifest)),
            Table(("Model", "SHA-256", "Quantisation"), _models(manifest)),
            Table(("Data", "Source", "Statements", "SHA-256"), _data(manifest)),
            Paragraph((", ".join(f"{k} {v}" for k, v in manifest.packages.items()),)),
        ),
        "manifest",
    )


def _machine(manifest: Manifest) -> list[Line]:
    dirty = {True: " with uncommitted changes", False: "", None: " (state unknown)"}
    commit = manifest.commit or "outside git"
    return [
        (f"harness {manifest.harness_version}, commit ", Code(commit), dirty[manifest.dirty]),
        (f"Python {manifest.python}, {manifest.platform}",),
        (f"{manifest.cpu}, {counted(manifest.cores, 'core')}, {manifest.memory_gib:g} GiB",),
    ]


def _runs(manifest: Manifest) -> tuple[tuple[TableCell, ...], ...]:
    return tuple(
        (
            cell(Code(name)),
            cell(Code(run.spec_digest[:8])),
            cell(_time(run.seconds)),
            cell(f"{run.peak_memory_mib:,.0f} MiB"),
            cell(_device(run)),
        )
        for name, run in manifest.experiments.items()
    )


def _device(run: ExperimentRun) -> str:
    driver = f", driver {run.driver}" if run.driver else ""
    return f"{run.device}{driver}, {counted(run.threads, 'thread')}, {run.dtype}"


def _time(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min"


def _models(manifest: Manifest) -> tuple[tuple[TableCell, ...], ...]:
    return tuple(
        (cell(name), cell(Code(used.sha256)), cell(used.quantization or DASH))
        for name, used in manifest.models.items()
    )


def _data(manifest: Manifest) -> tuple[tuple[TableCell, ...], ...]:
    return tuple(
        (cell(name), cell(used.source), cell(f"{used.statements:,}"), cell(Code(used.sha256[:16])))
        for name, used in manifest.data.items()
    )
