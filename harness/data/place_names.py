"""Place names as an English reader would write them, in plain ASCII like the paper's."""

import unicodedata

_NOT_DECOMPOSABLE = str.maketrans(
    {"’": "'", "‘": "'", "ʻ": "'", "ı": "i", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ø": "o"}
)

_ARTICLE = frozenset(
    {
        "Bahamas",
        "Central African Republic",
        "Comoros",
        "Democratic Republic of the Congo",
        "Dominican Republic",
        "Gambia",
        "Maldives",
        "Philippines",
        "Republic of the Congo",
        "United Arab Emirates",
        "United Kingdom",
        "United States",
    }
)

_PLAIN = {"Czechia": "the Czech Republic", "The Netherlands": "the Netherlands"}


def plain_city(name: str) -> str:
    """`name` without diacritics; letters that have no plain form stay as they are."""
    if name.isascii():
        return name
    parts = unicodedata.normalize("NFKD", name.translate(_NOT_DECOMPOSABLE))
    return "".join(part for part in parts if not unicodedata.combining(part))


def plain_country(name: str) -> str:
    """The country as it stands after "is in": with its article where it takes one."""
    article = "the " if name in _ARTICLE else ""
    return _PLAIN.get(name, article + name)
