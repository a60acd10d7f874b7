import pytest

from harness.publish.address import parse_address, parse_name
from harness.publish.failure import said, without_credentials


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("https://github.com/some-one/interp.harness.git", "https://github.com/some-one/interp.harness"),
        ("https://github.com/someone/harness", "https://github.com/someone/harness"),
        ("https://user:ghp_x@github.com/someone/harness/", "https://github.com/someone/harness"),
        ("ssh://git@ssh.github.com:443/someone/harness.git", "https://github.com/someone/harness"),
        ("git@github.com:someone/harness.git", "https://github.com/someone/harness"),
        ("https://git.example.org/someone/harness", "https://git.example.org/someone/harness"),
        ("/home/someone/harness.git", None),
        ("../someone/harness.git", None),
        ("file:///srv/someone/harness.git", None),
        ("https://github.com/someone", None),
        ("https://github.com/a/b/c", None),
    ],
)  # fmt: skip
def test_addresses_of_every_form_are_read(url: str, page: str | None) -> None:
    found = parse_address(url)
    assert (found and found.page) == page


def test_a_bare_name_is_one_of_github() -> None:
    found = parse_name("someone/harness")
    assert found is not None
    assert found.page == "https://github.com/someone/harness"
    assert parse_name("") is None
    assert parse_name("a/b/../c") is None


def test_credentials_are_cut_out_of_what_programs_say() -> None:
    told = "noise\nfatal: cannot open https://me:secret@host/a\nhint: more noise\n"
    assert said(told, {}) == "fatal: cannot open https://host/a"
    assert without_credentials("x tok y", {"GH_TOKEN": "tok"}) == "x (GH_TOKEN) y"
    assert said("\x1b[31mred\x1b[0m\n", {}) == " [31mred [0m"
    assert said("", {}) == "it said nothing"
