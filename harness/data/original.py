"""The authors' own files, read as statements. Their rows are never part of this project."""

import csv
import io
import re
from collections.abc import Callable
from typing import assert_never

from harness.data.catalogue import ORIGINALS_URL, KnownSet, SetName
from harness.data.download import find_or_download
from harness.data.statements import Statement, pair_unit
from harness.record import HarnessError

Row = dict[str, str]

_CITY = re.compile(r"The city of (?P<city>.+) is in (?P<country>.+)\.")
_TRANSLATION = re.compile(
    r"The Spanish word '(?P<spanish>.+)' (?:means|does not mean) '(?P<english>.+)'\."
)


def load(known: KnownSet, *, base_url: str = ORIGINALS_URL) -> tuple[Statement, ...]:
    """All statements of the original file, in its order, duplicates and all.

    Raises `HarnessError` where the file cannot be had, or is not the one that was published.
    Source: Marks and Tegmark, github saprmarks/geometry-of-truth, folder datasets.
    """
    file = f"{known.name}.csv"
    url = f"{base_url}/{file}"
    content = find_or_download(
        file, url=url, sha256=known.original_sha256, instead="use the source 'generated'"
    )
    statement = _reader(known.name)
    return tuple(map(statement, csv.DictReader(io.StringIO(content.decode(), newline=""))))


def _reader(name: SetName) -> Callable[[Row], Statement]:
    match name:
        case "cities" | "neg_cities":
            return _about_city
        case "larger_than" | "smaller_than":
            return _about_numbers
        case "sp_en_trans" | "neg_sp_en_trans":
            return _about_word
        case "cities_cities_conj" | "cities_cities_disj":
            return _about_two_cities
        case _:
            assert_never(name)


def _about_city(row: Row) -> Statement:
    return Statement(
        text=row["statement"],
        label=row["label"] == "1",
        unit=row["city"],
        country=row["correct_country"],
        contrast=f"{row['city']}|{row['country']}",
    )


def _about_numbers(row: Row) -> Statement:
    return Statement(
        text=row["statement"],
        label=row["label"] == "1",
        unit=pair_unit(row["n1"], row["n2"]),
        country=None,
        contrast=f"{row['n1']}|{row['n2']}",
    )


def _about_word(row: Row) -> Statement:
    found = _match(_TRANSLATION, row["statement"])
    return Statement(
        text=row["statement"],
        label=row["label"] == "1",
        unit=found["spanish"],
        country=None,
        contrast=f"{found['spanish']}|{found['english']}",
    )


def _about_two_cities(row: Row) -> Statement:
    # The columns country1 and country2 hold another spelling ("Viet Nam") than the sentences do.
    parts = [_match(_CITY, row[column]) for column in ("statement1", "statement2")]
    return Statement(
        text=row["statement"],
        label=row["label"] == "1",
        unit=pair_unit(row["city1"], row["city2"]),
        country=None,
        contrast="&".join(f"{part['city']}|{part['country']}" for part in parts),
    )


def _match(form: re.Pattern[str], text: str) -> re.Match[str]:
    found = form.fullmatch(text)
    if found is None:
        raise HarnessError(f"{text!r} does not have the form {form.pattern!r}")
    return found
