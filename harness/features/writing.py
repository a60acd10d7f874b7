"""Dashboards to a folder: a file and a page a feature, and a list of them all."""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from harness.features.details import FeatureDetails
from harness.features.page.pages import Row, feature_page, index_page, row_of
from harness.features.reading import Progress, no_progress
from harness.graphs.attribution_graph import cantor
from harness.record import HarnessError, write_text

Naming = Literal["layer", "cantor"]
"""`3/17.json`; or `227.json`, layer and index as one number, which is where pages of attribution
graphs look for the features of a node."""


def write_dashboards(
    features: Iterable[FeatureDetails],
    folder: Path,
    *,
    naming: Naming = "layer",
    total: int,
    progress: Progress = no_progress,
) -> list[Row]:
    """Write each feature as soon as it comes, then `index.html`; what is there is replaced.

    Raises `HarnessError` where no feature comes, and where the disk is full.
    """
    rows: list[Row] = []
    source = None
    for feature in features:
        path = folder / f"{_name(feature, naming)}.json"
        feature.write(path)
        home = "../index.html" if naming == "layer" else "index.html"
        write_text(path.with_suffix(".html"), feature_page(feature, home=home))
        rows.append(row_of(feature, f"{_name(feature, naming)}.html"))
        source = feature.source
        progress("writing dashboards", len(rows), total)
    if source is None:
        raise HarnessError(f"{folder}: no feature was chosen")
    write_text(folder / "index.html", index_page(rows, source))
    return rows


def _name(feature: FeatureDetails, naming: Naming) -> str:
    return feature.place if naming == "layer" else str(cantor(feature.layer, feature.index))
