from pathlib import Path

import pytest

from harness.models.language_model import LanguageModel
from harness.oneline.probe import probe
from harness.oneline.statements import SENTENCES, gather, sentence_set
from harness.oneline.views.probe import view
from harness.record import HarnessError
from harness.specs.probing import Transfer

OWN = Transfer(probe="mass_mean", train=SENTENCES, test=SENTENCES)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Sentences that any bytes tell apart: true ones end otherwise than false ones."""
    found = tmp_path / "true.txt", tmp_path / "false.txt"
    for path, ending in zip(found, ("aaaa", "zzzz"), strict=True):
        path.write_text("".join(f"Sentence {i} is {ending}\n\n" for i in range(30)))
    return found


@pytest.fixture(autouse=True)
def own_cache(harness_cache: Path) -> Path:
    return harness_cache


def test_a_planted_difference_is_found_and_its_controls_fail(
    tiny: LanguageModel, files: tuple[Path, Path]
) -> None:
    found = probe(tiny, gather([SENTENCES], size=4, files=files), OWN)
    assert found.is_chosen
    assert found.accuracy.value == 1
    assert found.controls["shuffled_labels"].value < 0.9
    assert [each.layer for each in found.by_layer] == [0, 1, 2]
    assert found.by_layer[0].accuracy.value == 1
    assert found.data[SENTENCES].statements == 60


def test_without_the_difference_nothing_is_found(tiny: LanguageModel, tmp_path: Path) -> None:
    paths = tmp_path / "one.txt", tmp_path / "other.txt"
    for half, path in enumerate(paths):
        path.write_text("".join(f"Sentence {2 * i + half} is so\n" for i in range(30)))
    found = probe(tiny, gather([SENTENCES], size=4, files=paths), OWN)
    assert 0.2 < found.accuracy.value < 0.8


def test_a_given_layer_is_reported_without_a_curve(
    tiny: LanguageModel, files: tuple[Path, Path]
) -> None:
    found = probe(tiny, gather([SENTENCES], size=4, files=files), OWN, layer=1)
    assert (found.layer, found.is_chosen, found.by_layer) == (1, False, ())
    assert set(found.controls) == {"shuffled_labels", "bag_of_words", "random_direction"}
    assert found.accuracy.n == 60
    shown = view(found)
    assert [row["labels and inputs"] for row in shown.rows][:2] == [
        "as they are",
        "shuffled labels",
    ]
    with pytest.raises(HarnessError, match="has layers 0 to 2"):
        probe(tiny, gather([SENTENCES], size=4, files=files), OWN, layer=3)


def test_the_curve_has_its_band_and_the_chosen_layer(
    tiny: LanguageModel, files: tuple[Path, Path]
) -> None:
    shown = view(probe(tiny, gather([SENTENCES], size=4, files=files), OWN))
    assert [row["layer"] for row in shown.rows] == ["2", "1", "0"]
    labels = {line.get_label() for line in shown.drawing.figure.axes[0].get_lines()}
    assert {"mass mean", "chosen layer", "chance"} <= labels
    assert "bag of words" in shown.line


def test_named_sets_are_generated_once_each() -> None:
    found = gather(["cities+neg_cities", "cities"], size=8, files=None)
    assert {name: len(each.statements) for name, each in found.items()} == {
        "cities": 8,
        "neg_cities": 8,
    }


def test_unknown_sets_and_missing_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="did you mean 'cities'"):
        gather(["citys"], size=8, files=None)
    with pytest.raises(HarnessError, match="give --true and --false"):
        gather([SENTENCES], size=8, files=None)
    with pytest.raises(HarnessError, match="cannot be read"):
        gather([SENTENCES], size=8, files=(tmp_path / "no.txt", tmp_path / "no.txt"))


def test_a_sentence_both_true_and_false_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "same.txt"
    path.write_text("It is so.\n")
    with pytest.raises(HarnessError, match="labelled both true and false"):
        sentence_set(path, path)
