"""The metadata of a graph file: what a graph is of and how it was made.

Owns names that Neuronpedia's server accepts, and where its server and its page look for things.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pydantic import JsonValue

from harness.graphs.attribution_graph import FeatureDetails, Info, Metadata, PruningSettings
from harness.record import HarnessError

_NOT_PLAIN = re.compile("[^A-Za-z0-9_.-]+")


class Scores(NamedTuple):
    """How much of a graph goes through its features, 0 to 1."""

    replacement: float
    completeness: float


class Provenance(NamedTuple):
    """What the graph is of and how it was made."""

    slug: str
    scan: str
    """The model; characters that Neuronpedia refuses become dashes."""
    info: Info
    generation_settings: Mapping[str, JsonValue]
    pruning_settings: PruningSettings
    scores: Scores | None = None
    feature_details: FeatureDetails | None = None


def graph_metadata(prompt: str, tokens: Sequence[str], about: Provenance) -> Metadata:
    """The metadata of a prompt's graph.

    Raises `HarnessError` where a slug or scan has no character that Neuronpedia allows.
    """
    content: dict[str, object] = {
        "slug": plain_name(about.slug),
        "scan": plain_name(about.scan),
        "prompt_tokens": tuple(tokens),
        "prompt": prompt,
        "info": _info(about),
        "generation_settings": dict(about.generation_settings),
        "pruning_settings": about.pruning_settings,
    }
    if about.pruning_settings.node_threshold is not None:
        content["node_threshold"] = about.pruning_settings.node_threshold
    details = about.feature_details
    if details is not None:
        content["feature_details"] = details
    # With a `schema_version` the page asks Neuronpedia and never fetches self-hosted features.
    if details is None or details.feature_json_base_url is None:
        content["schema_version"] = 1
    return Metadata.model_validate(content)


def plain_name(name: str) -> str:
    """A slug or scan as Neuronpedia's server accepts it: `[A-Za-z0-9_.-]` only.

    Raises `HarnessError` where nothing is left.
    """
    plain = _NOT_PLAIN.sub("-", name).strip("-")
    if not plain:
        raise HarnessError(f"{name!r}: a name needs a character of A-Z, a-z, 0-9, _ or .")
    return plain


def _info(about: Provenance) -> Info:
    """With the scores, and with the source set where Neuronpedia's server looks for it."""
    content = about.info.model_dump(exclude_unset=True)
    if about.scores is not None:
        content["replacement_score"] = about.scores.replacement
        content["completeness_score"] = about.scores.completeness
    details = about.feature_details
    if details is not None and details.neuronpedia_source_set is not None:
        content["neuronpedia_source_set"] = details.neuronpedia_source_set
    return Info.model_validate(content)
