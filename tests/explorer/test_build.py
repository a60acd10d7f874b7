"""The site's files: the same each time, whole or not at all, and nothing of anybody else's."""

import base64
import hashlib
import re
import time
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest
from pydantic import HttpUrl

from harness.experiments.context import no_progress
from harness.explorer.build import Built, build_site
from harness.explorer.entry import ExplorerEntry
from harness.explorer.feed import Feed
from harness.explorer.output_folder import LIST, write_site
from harness.explorer.pages import site_pages
from harness.record import HarnessError
from harness.replication import Replication
from tests.explorer.projects import ACTADD, CAPITALS, IOI, committed, copied
from tests.explorer.synthetic import synthetic_feed


def build(roots: list[Path], output: Path, *, skip_broken: bool = False) -> Built:
    return build_site(roots, output, progress=no_progress, skip_broken=skip_broken)


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def feed(site: Path) -> Feed:
    return Feed.model_validate_json((site / "feed.json").read_text())


def test_the_same_replications_give_the_same_bytes_in_any_order(site: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    build(committed(IOI, ACTADD, CAPITALS), again)
    assert content(again) == content(site)


def test_the_feed_says_what_the_verdicts_and_the_manifest_say(site: Path) -> None:
    told = {(each.paper, each.id): each for each in feed(site).replications}
    assert len(told) == 3
    for root in committed(ACTADD, CAPITALS, IOI):
        replication, manifest = Replication.open(root), Replication.open(root).manifest()
        each = told[root.parent.name, root.name]
        assert manifest is not None
        assert each.execution is not None
        assert each.execution.commit == manifest.commit
        verdicts = replication.verdicts()
        assert [(one.claim, one.outcome, one.reason) for one in each.claims] == [
            (verdict.claim, verdict.outcome, verdict.reason) for verdict in verdicts
        ]
        first = next(one for one in verdicts if one.estimates)
        shown = next(one for one in each.claims if one.claim == first.claim).numbers[0]
        got = first.estimates[0].estimate
        assert (shown.mean, shown.low, shown.high) == (got.mean, got.low, got.high)
        assert (shown.n, shown.seeds) == (got.n, got.seeds)


def test_claims_stand_in_the_feed_with_quote_section_and_the_papers_number(site: Path) -> None:
    ioi = next(paper for paper in feed(site).papers if paper.id == "ioi")
    claim = ioi.claims[0]
    assert (claim.section, claim.quote) == ("sec. 2", "IO > S in 99.3% of examples")
    assert claim.demands == "at least 0.9"
    assert [each.table for each in claim.printed] == ["duplicated-names-preference"]


def test_every_replication_has_an_entry_for_neuronpedia_with_the_hash_of_every_file(
    site: Path,
) -> None:
    import json

    listed = json.loads((site / "explorer_entries.json").read_text())
    entries = [ExplorerEntry.model_validate(each) for each in listed]
    assert len(entries) == 3
    for entry, replication in zip(entries, feed(site).replications, strict=True):
        assert entry.x_harness.files
        for name, digest in entry.x_harness.files.items():
            data = (site / replication.folder / name).read_bytes()
            assert hashlib.sha256(data).hexdigest() == digest


def test_every_link_of_every_page_leads_to_a_file_or_an_anchor_of_the_site(site: Path) -> None:
    pages = [site / "index.html", *site.glob("papers/*.html")]
    assert len(pages) == 4
    followed = 0
    for page in pages:
        for target in re.findall(r' (?:href|src)="([^"]*)"', page.read_text()):
            if target.startswith("https://"):
                continue
            path, _, anchor = unescape(target).partition("#")
            file = (page.parent / unquote(path)).resolve() if path else page
            assert file.is_relative_to(site.resolve()), target
            assert file.is_file(), target
            assert not anchor or f'id="{anchor}"' in file.read_text(), target
            followed += 1
    assert followed > 150


def test_policies_allow_exactly_the_style_and_script_that_stand_in_the_page(site: Path) -> None:
    for page in [site / "index.html", *site.glob("papers/*.html")]:
        text = page.read_text()
        policy = re.search(r'Security-Policy" content="([^"]*)"', text)
        assert policy is not None
        for tag in ("style", "script"):
            bodies = re.findall(rf"<{tag}>(.*?)</{tag}>", text, flags=re.DOTALL)
            hashes = re.findall(rf"{tag}-src 'sha256-([^']*)'", policy[1])
            digests = [hashlib.sha256(body.encode()).digest() for body in bodies]
            assert [base64.b64encode(digest).decode() for digest in digests] == hashes
        assert "unsafe" not in policy[1]
        assert "default-src 'none'" in policy[1]


def test_no_file_that_can_run_and_no_hidden_one_is_published(site: Path) -> None:
    names = set(content(site)) - {LIST}
    assert not [name for name in names if name.endswith(".svg") or "/." in name]
    assert any(path.suffix == ".svg" for path in committed(IOI)[0].rglob("*"))
    assert "/work/" not in (site / "feed.json").read_text()


def test_an_earlier_site_is_replaced_and_its_stale_files_go(tmp_path: Path) -> None:
    output = tmp_path / "site"
    build(committed(ACTADD, IOI), output)
    assert (output / "papers/ioi.html").exists()
    build(committed(ACTADD), output)
    assert content(output).keys() == set(content(output)) - {"papers/ioi.html"}
    assert not (output / "replications/ioi").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


@pytest.mark.parametrize("foreign", ["notes.txt", "papers/own.html", ".git/config"])
def test_a_folder_with_files_of_somebody_else_is_refused_and_left_alone(
    tmp_path: Path, foreign: str
) -> None:
    output = tmp_path / "site"
    build(committed(ACTADD), output)
    (output / foreign).parent.mkdir(exist_ok=True)
    (output / foreign).write_text("mine")
    before = content(output)
    with pytest.raises(HarnessError, match=foreign):
        build(committed(IOI), output)
    assert content(output) == before


def test_a_folder_that_never_was_a_site_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(HarnessError, match=r"thesis\.txt"):
        build(committed(ACTADD), tmp_path)
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    with pytest.raises(HarnessError, match="not a folder"):
        build(committed(ACTADD), link)


def test_a_broken_replication_is_named_and_the_site_that_stands_stays(tmp_path: Path) -> None:
    output = tmp_path / "site"
    build(committed(ACTADD), output)
    before = content(output)
    broken = copied(tmp_path / "project", IOI)
    (broken / "replication.yaml").write_text("id: [")
    with pytest.raises(HarnessError, match=r"replications/ioi/smollm2.*not valid YAML"):
        build([*committed(ACTADD), broken], output)
    assert content(output) == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_broken_replication_is_left_out_on_demand_and_listed(tmp_path: Path) -> None:
    broken = copied(tmp_path / "project", IOI)
    (broken / "report.html").unlink()
    built = build([*committed(ACTADD), broken], tmp_path / "site", skip_broken=True)
    assert [each.folder for each in built.skipped] == [f"replications/{IOI}"]
    index = (tmp_path / "site/index.html").read_text()
    assert "harness report" in index[index.index('id="left-out"') :]
    assert not (tmp_path / "site/papers/ioi.html").exists()


def test_a_report_that_may_run_scripts_is_refused(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    report = folder / "report.html"
    report.write_text(report.read_text().replace("default-src 'none'; ", "", 1))
    with pytest.raises(HarnessError, match=r"report\.html: not as"):
        build([folder], tmp_path / "site")


def test_a_picture_that_is_none_is_an_error_that_names_it(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    (folder / "figures/forest.png").write_text("<svg onload=alert(1)>")
    with pytest.raises(HarnessError, match=r"forest\.png: not a picture"):
        build([folder], tmp_path / "site")


def test_source_and_pull_request_are_linked_where_the_repository_is_known(tmp_path: Path) -> None:
    lab = HttpUrl("https://github.com/lab/harness")
    build_site(committed(ACTADD), tmp_path / "site", progress=no_progress, repository=lab)
    page = unescape((tmp_path / "site/papers/actadd.html").read_text())
    name = "actadd/smollm2-135m-instruct"
    found = unquote(page)
    assert f"https://github.com/lab/harness/tree/HEAD/replications/{name}" in found
    assert f"https://github.com/lab/harness/pulls?q=is:pr head:replication/{name}" in found


def test_without_a_replication_there_is_no_site(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="no replication"):
        build([], tmp_path / "site")
    assert not (tmp_path / "site").exists()


def test_thumbnails_are_small_pictures(site: Path) -> None:
    from PIL import Image

    found = list(site.rglob("thumbnail.webp"))
    assert len(found) == 3
    for path in found:
        with Image.open(path) as picture:
            assert picture.format == "WEBP"
            assert picture.size == (480, 360) or picture.width == 480
        assert path.stat().st_size < 40_000


def test_a_thousand_replications_are_built_in_seconds_and_the_index_stays_light(
    tmp_path: Path,
) -> None:
    many = synthetic_feed()
    started = time.process_time()
    pages = {name: text.encode() for name, text in site_pages(many, ()).items()}
    write_site(tmp_path / "site", pages, {})
    assert time.process_time() - started < 12
    assert len(many.replications) == 1000
    assert len(pages["index.html"]) < 1_500_000
