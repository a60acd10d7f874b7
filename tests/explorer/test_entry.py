"""The explorer entry against the limits of the service."""

import pytest

from harness.explorer.entry import ExplorerEntry, explorer_entry
from harness.manifest import DataUsed, ExperimentRun, Manifest, ModelUsed
from harness.paper import PaperSpec
from harness.record import HarnessError
from harness.specs import ProbingSpec, ReplicationSpec
from harness.verdict import Verdict

BOUND = {
    "kind": "bound",
    "quantity": {"metric": "accuracy_binary"},
    "side": "at_least",
    "limit": 0.6,
}
SOURCE = {"section": "4", "quote": "q", "status": "read"}


def paper(**changed: object) -> PaperSpec:
    return PaperSpec.model_validate(
        {
            "id": "a-paper",
            "title": "A Paper: Its Subtitle",
            "authors": ["A"],
            "year": 2023,
            "url": "https://arxiv.org/pdf/2310.06824",
            "topics": ["truth"],
            "setup": {"models": ["m"], "data": "original"},
            "claims": [
                {
                    "id": "c",
                    "statement": "s",
                    "source": SOURCE,
                    "scope": "general",
                    "expects": BOUND,
                }
            ],
            **changed,
        }
    )


def spec(model: str = "smollm2-135m-instruct") -> ReplicationSpec:
    probing = ProbingSpec(
        family="probing",
        id="e",
        model=model,
        seeds=(1, 0),
        probes=("lda",),
        train=("cities",),
        test=("cities",),
    )
    return ReplicationSpec(id="r", paper="a-paper", experiments=(probing,))


def entry(
    of: PaperSpec | None = None, verdicts: list[Verdict] | None = None, **more: object
) -> ExplorerEntry:
    given = {"summary": "1 of 1 judged claim replicated.", "manifest": None, "files": {}, **more}
    found = verdicts or [Verdict(claim="c", outcome="replicated", reason="0.8 [0.7, 0.9]")]
    return explorer_entry(of or paper(), spec(), found, **given)  # pyright: ignore


def test_entry_replicates_the_papers_abstract_page():
    edge = entry().edges[0]
    assert edge.type == "replicates"
    assert str(edge.targetMainUrl) == "https://arxiv.org/abs/2310.06824"


def test_node_is_a_replication_with_short_title_and_tags():
    node = entry().node
    assert node.nodeTypes == ("replication",)
    assert node.title == "A Paper: replication on smollm2-135m-instruct"
    assert node.applicationTags == ("truth", "replication", "smollm2-135m-instruct")


def test_long_title_is_cut_with_an_ellipsis():
    title = entry(paper(title="word " * 60)).node.title
    assert len(title) <= 128
    assert title.endswith("…")


def test_long_description_tells_how_many_claims_it_leaves_out():
    verdicts = [Verdict(claim=f"c{i}", outcome="replicated", reason="x" * 200) for i in range(90)]
    text = entry(verdicts=verdicts).node.description
    assert len(text) <= 5000
    told = sum(line.startswith("- c") for line in text.splitlines())
    assert text.endswith(f"… and {90 - told} more claims")


def test_address_that_is_not_http_is_an_error():
    with pytest.raises(HarnessError, match="mainUrl"):
        entry(main_url="file:///etc/passwd")


def test_address_that_is_too_long_is_an_error():
    with pytest.raises(HarnessError, match="2048"):
        entry(main_url="https://example.org/" + "x" * 2048)


def test_too_many_tags_are_an_error():
    with pytest.raises(HarnessError, match="applicationTags"):
        entry(paper(topics=[f"topic {i}" for i in range(30)]))


def test_provenance_has_commit_models_seeds_and_counts():
    run = ExperimentRun(
        spec_digest="d",
        seconds=1,
        peak_memory_mib=1,
        device="cpu",
        driver=None,
        threads=1,
        dtype="float32",
        finished_utc="2026-01-01T00:00:00Z",
        models={"path:/home/jane/models/x": ModelUsed(sha256="a", quantization=None)},
        data={"cities": DataUsed(source="generated", sha256="b", statements=2)},
    )
    manifest = Manifest(
        harness_version="0",
        commit="abc",
        dirty=False,
        python="3",
        platform="p",
        cpu="c",
        cores=1,
        memory_gib=1,
        packages={},
        experiments={"e": run},
    )
    given = entry(manifest=manifest, files={"report.md": "00"}).x_harness
    assert (given.commit, given.seeds, given.verdicts) == ("abc", (0, 1), {"replicated": 1})
    assert list(given.models) == ["path:…/x"]
    assert given.files == {"report.md": "00"}


def test_entry_reads_back_from_its_file_without_empty_fields():
    text = entry().model_dump_json(exclude_none=True)
    assert "mainUrl" not in text.replace("targetMainUrl", "")
    assert ExplorerEntry.model_validate_json(entry().model_dump_json()) == entry()
