"""The entry of a replication for Neuronpedia's Interpretability Explorer, as a file.

Field names and limits are those of its API (`POST /api/explorer/node/new`, beta of April 2026).
Nothing is sent from here: the ids of other nodes are known to the service alone.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, HttpUrl, ValidationError

from harness.examine import Outcome
from harness.manifest import Manifest, ModelUsed
from harness.paper import PaperSpec
from harness.record import HarnessError, Record
from harness.report.wording import joined, short_title, shortened, without_machine_paths
from harness.specs import ReplicationSpec
from harness.verdict import Verdict


def _at_most(limit: int) -> BeforeValidator:
    """Cut a text that is too long, at a word, with an ellipsis."""
    return BeforeValidator(lambda text: shortened(text, limit) if isinstance(text, str) else text)


def _is_short(url: HttpUrl) -> HttpUrl:
    """A cut address leads elsewhere, so too long a one is an error."""
    if len(str(url)) > 2048:
        raise HarnessError(f"an address may have 2048 characters, not {len(str(url))}")
    return url


PROJECT = "Interp Replication Harness"
"""Author of the replications that name nobody."""
Url = Annotated[HttpUrl, AfterValidator(_is_short)]
Tag = Annotated[str, Field(min_length=1), _at_most(100)]


class Node(Record):
    """The body of `node/new`; names are the API's."""

    nodeTypes: tuple[Literal["replication"]] = ("replication",)
    title: Annotated[str, Field(min_length=1), _at_most(128)]
    description: Annotated[str, Field(max_length=5000)]
    author: Annotated[str, _at_most(200)]
    mainUrl: Url | None = None
    """Of the replication's folder on the web; known once it is published."""
    additionalUrls: Annotated[tuple[Url, ...], Field(max_length=20)] = ()
    applicationTags: Annotated[tuple[Tag, ...], Field(max_length=20)] = ()


class Edge(Record):
    """A relation to a node that is found by its address."""

    type: Literal["raises", "addresses", "extends", "replicates", "related_to"]
    targetMainUrl: Url


class Provenance(Record):
    """What the service has no field for, and a reader needs to check the entry."""

    commit: str | None
    models: dict[str, ModelUsed]
    seeds: tuple[int, ...]
    verdicts: dict[Outcome, int]
    """Claims by outcome."""
    claims: dict[str, Outcome]
    files: dict[str, str]
    """SHA-256 of every file of the replication, by its path in the folder."""


class ExplorerEntry(Record):
    """What `explorer.json` holds."""

    node: Node
    edges: tuple[Edge, ...]
    x_harness: Provenance


def explorer_entry(
    paper: PaperSpec,
    spec: ReplicationSpec,
    verdicts: Sequence[Verdict],
    *,
    summary: str,
    manifest: Manifest | None,
    files: Mapping[str, str],
    main_url: str | None = None,
    author: str = PROJECT,
) -> ExplorerEntry:
    """The entry; too long a text is cut. Raises `HarnessError` for any other breach of a limit."""
    models = list(dict.fromkeys(without_machine_paths(each.model) for each in spec.experiments))
    node = {
        "title": f"{short_title(paper.title)}: replication on {joined(models)}",
        "description": _description(summary, models, spec, verdicts),
        "author": author,
        "mainUrl": main_url,
        "additionalUrls": (abstract_page(str(paper.url)),),
        "applicationTags": tuple(dict.fromkeys((*paper.topics, "replication", *models))),
    }
    try:
        return ExplorerEntry(
            node=Node.model_validate(node),
            edges=(Edge(type="replicates", targetMainUrl=HttpUrl(abstract_page(str(paper.url)))),),
            x_harness=_provenance(spec, verdicts, manifest, files),
        )
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise HarnessError(f"explorer entry: {where}: {first['msg']}") from error


def _provenance(
    spec: ReplicationSpec,
    verdicts: Sequence[Verdict],
    manifest: Manifest | None,
    files: Mapping[str, str],
) -> Provenance:
    used = manifest.models if manifest else {}
    return Provenance(
        commit=manifest.commit if manifest else None,
        models={without_machine_paths(name): model for name, model in used.items()},
        seeds=tuple(sorted({seed for each in spec.experiments for seed in each.seeds})),
        verdicts=dict(Counter(verdict.outcome for verdict in verdicts)),
        claims={verdict.claim: verdict.outcome for verdict in verdicts},
        files=dict(sorted(files.items())),
    )


def _description(
    summary: str, models: Sequence[str], spec: ReplicationSpec, verdicts: Sequence[Verdict]
) -> str:
    """One line a claim; lines that do not fit are left out, and their number is told."""
    seeds = sorted({seed for each in spec.experiments for seed in each.seeds})
    lines = [summary, f"Models: {joined(models)}. Seeds: {joined(map(str, seeds))}.", "", "Claims:"]
    for done, verdict in enumerate(verdicts):
        reason = without_machine_paths(verdict.reason)
        line = f"- {verdict.claim}: {verdict.outcome}. {shortened(reason, 240)}"
        if len("\n".join([*lines, line])) > 4900:
            return "\n".join([*lines, f"… and {len(verdicts) - done} more claims"])
        lines.append(line)
    return "\n".join(lines)


def abstract_page(url: str) -> str:
    """The address by which the service knows an arXiv paper: its abstract, of no version."""
    for form in ("/pdf/", "/html/"):
        url = url.replace(f"arxiv.org{form}", "arxiv.org/abs/")
    return url.removesuffix(".pdf") if "arxiv.org/abs/" in url else url
