from dataclasses import replace
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from harness.publish.address import Address
from harness.publish.replication_text import Told, body, title
from harness.publish.text import MOST_BYTES
from harness.replication import Replication
from harness.report.material import Material
from harness.review import Review
from harness.review.finding import Finding
from harness.specs.replication import Deviation

FOLDER = Path(__file__).parents[2] / "replications/actadd/smollm2-135m-instruct"
NAME = "replications/actadd/smollm2-135m-instruct"
PLACE = Address("github.com", "someone", "harness")
WARNING = Finding(
    rule="dirty",
    axis="reproducibility",
    severity="warning",
    path=f"{NAME}/manifest.json",
    line=3,
    message="a <b>warning</b> | with [markup](x) @someone",
)


@pytest.fixture(scope="module")
def material() -> Material:
    return Material.of(Replication.open(FOLDER))


def told(material: Material, **changed: object) -> Told:
    review = Review(
        name=NAME, commit=None, base=None, findings=(), scores={}, verdicts={}, spots=()
    )
    files = ("report.md", "figures/forest.png", "figures/other_one.png", "figures/forest.svg")
    plain = Told(material, review, files, "c0ffee", PLACE)
    return replace(plain, **changed)  # pyright: ignore[reportArgumentType]


def test_every_claim_is_told_with_its_verdict(material: Material) -> None:
    text = body(told(material))
    assert text.startswith("**2 of 6 judged claims replicated (33%); 1 not replicated")
    for verdict in material.verdicts:
        assert f"[{verdict.claim}](https://github.com/someone/harness/blob/c0ffee/{NAME}" in text
    assert len(text.encode()) < MOST_BYTES


def test_figures_are_shown_and_linked_at_the_commit(material: Material) -> None:
    raw = f"https://github.com/someone/harness/raw/c0ffee/{NAME}/figures"
    text = body(told(material))
    assert f"]({raw}/forest.png)" in text
    assert f"[figures/other\\_one.png]({raw}/other_one.png)" in text
    assert "forest.svg" not in text
    assert "https://github.com/someone" not in body(told(material, held_by=None))


def test_the_checklist_tells_facts_and_not_wishes(material: Material) -> None:
    assert material.manifest is not None
    text = body(told(material))
    assert "- [x] verdicts made anew from the measurements: all equal" in text
    assert "- [x] they had none when the experiments ran" in text
    assert "- [ ] harness rerun compared" in text
    for dirty in (True, None):
        manifest = material.manifest.model_copy(update={"dirty": dirty})
        worse = replace(material, manifest=manifest)
        text = body(told(worse))
        assert "- [ ] they had none when the experiments ran" in text


def test_what_others_wrote_is_text_and_never_markup(material: Material) -> None:
    review = told(material).review.model_copy(update={"findings": (WARNING,)})
    hostile = "</td><img src=x onerror=alert(1)> | @everyone ![x](https://evil.example) `c`"
    spec = material.spec.model_copy(
        update={
            "deviations": (Deviation(what="model", paper=hostile, here=hostile, why=hostile),),
        }
    )
    text = body(told(replace(material, spec=spec), review=review))
    html = MarkdownIt("gfm-like", {"linkify": False}).render(text)
    assert "onerror" in html
    assert "<img src=x" not in html
    assert 'evil.example"' not in html
    assert "@everyone" not in text
    assert "@someone" not in text
    assert "manifest.json:3: a &lt;b&gt;warning" in text


def test_a_title_is_one_short_line(material: Material) -> None:
    assert title(material) == (
        "Activation Addition on smollm2-135m-instruct: 2 of 6 judged claims replicated (33%)"
    )
    paper = material.paper.model_copy(update={"title": "A\nnew\x07 line " + "long " * 90})
    cut = title(replace(material, paper=paper))
    assert len(cut) <= 200
    assert cut.isprintable()


def test_a_text_that_is_too_long_is_cut_at_a_row_and_keeps_the_checklist(
    material: Material,
) -> None:
    many = tuple(
        Deviation(what="model", paper=f"number {place}", here="é" * 40, why="because")
        for place in range(900)
    )
    long = replace(material, spec=material.spec.model_copy(update={"deviations": many}))
    text = body(told(long))
    assert 0.95 * MOST_BYTES < len(text.encode()) <= MOST_BYTES
    kept = [line for line in text.splitlines() if line.startswith("| model | number ")]
    assert 0 < len(kept) < 900
    assert all(line.endswith("| because |") for line in kept)
    assert "cut here; [report.md](https://github.com/someone/harness/blob/c0ffee/" in text
    assert "- [ ] harness rerun compared" in text


def test_a_cut_inside_of_a_fold_closes_it(material: Material) -> None:
    folded = [each for each in material.verdicts if each.outcome == "not_tested"]
    longer = [each.model_copy(update={"reason": "very " * 50}) for each in folded]
    text = body(told(replace(material, verdicts=[*material.verdicts, *longer * 60])))
    assert "cut here" in text
    assert text.count("<details>") == text.count("</details>") == 1


def test_a_title_holds_no_path_of_the_machine(material: Material) -> None:
    experiments = tuple(
        each.model_copy(update={"model": f"path:/home/jane/run{place % 2}/model"})
        for place, each in enumerate(material.spec.experiments)
    )
    spec = material.spec.model_copy(update={"experiments": experiments})
    assert title(replace(material, spec=spec)).startswith("Activation Addition on path:…/model: ")
