"""Reading the authors' columns; rows made up here, but for counts of the files where present."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.data import original
from harness.data.catalogue import KNOWN_SETS, KnownSet, load_statements
from harness.data.statements import Statement, StatementSet
from harness.record import HarnessError

CITIES = "statement,label,city,country,correct_country\n"
NUMBERS = "statement,label,n1,n2,diff,abs_diff\n"
WORDS = "statement,label\n"
TWO_CITIES = (
    "statement,label,statement1,label1,city1,country1,correct_country1,"
    "statement2,label2,city2,country2,correct_country2\n"
)


def read(name: str, text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Statement:
    """The one statement of a file that is supplied with a fitting hash."""
    (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    monkeypatch.setenv("HARNESS_DATA", str(folder))
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    fields = KNOWN_SETS[name].model_dump() | {"original_sha256": sha256}
    [statement] = original.load(KnownSet(**fields), base_url="http://127.0.0.1:9")
    return statement


def test_city_is_read_with_its_country(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "The city of Accra, Old Town is in the Gambia."
    row = f'"{text}",0,"Accra, Old Town",the Gambia,Ghana\n'
    found = read("cities", CITIES + row, tmp_path, monkeypatch)
    assert found == (text, False, "Accra, Old Town", "Ghana", "Accra, Old Town|the Gambia")


def test_comparison_is_read_with_its_unordered_pair(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = "Nine is larger than three.,1,9,3,6,6\n"
    found = read("larger_than", NUMBERS + row, tmp_path, monkeypatch)
    assert found == ("Nine is larger than three.", True, "3|9", None, "9|3")


@pytest.mark.parametrize(
    ("name", "verb"), [("sp_en_trans", "means"), ("neg_sp_en_trans", "does not mean")]
)
def test_translation_and_its_negation_share_a_contrast(
    name: str, verb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"The Spanish word 'correr' {verb} 'to run'."
    found = read(name, f"{WORDS}{text},1\n", tmp_path, monkeypatch)
    assert found == (text, True, "correr", None, "correr|to run")


def test_countries_of_a_conjunction_are_read_as_the_sentence_spells_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = "The city of Hue is in Vietnam.", "The city of Bern is in the Gambia."
    text = "It is the case both that the city of Hue is in Vietnam and that ..."
    row = f"{text},0,{first},1,Hue,Viet Nam,Viet Nam,{second},0,Bern,Gambia,Switzerland\n"
    found = read("cities_cities_conj", TWO_CITIES + row, tmp_path, monkeypatch)
    assert found == (text, False, "Bern|Hue", None, "Hue|Vietnam&Bern|the Gambia")


def test_sentence_of_another_form_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(HarnessError, match=r"'Correr means to run\.' does not have the form"):
        read("sp_en_trans", f"{WORDS}Correr means to run.,1\n", tmp_path, monkeypatch)


def test_altered_original_is_refused_by_load_statements(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cities.csv").write_text(CITIES)
    monkeypatch.setenv("HARNESS_DATA", str(tmp_path))
    with pytest.raises(HarnessError, match=r"cities\.csv: sha256 is .*, expected f2560a0c"):
        load_statements("cities", "original")


def test_addresses_name_one_commit_and_one_file() -> None:
    for name, known in KNOWN_SETS.items():
        assert known.original_url.endswith(
            f"/5d1c630c44f7e50bda7ad86d601ccadf9abc5ddb/datasets/{name}.csv"
        )


@pytest.mark.parametrize("name", KNOWN_SETS)
def test_original_file_has_the_size_in_the_catalogue(
    name: str, load_original: Callable[[str], StatementSet]
) -> None:
    found = load_original(name)
    assert len(found.statements) == KNOWN_SETS[name].original_size
    assert found.source == "original"
