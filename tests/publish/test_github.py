import re

import pytest

from harness.publish.address import Address
from harness.publish.failure import RemoteError
from harness.publish.github import GitHub
from harness.publish.proposal import Proposal
from harness.record import HarnessError
from tests.publish.github_double import TOKEN, GitHubDouble, Turn

PROPOSAL = Proposal("A title", "A body.", "main", "someone", "replication/a/b")
HERE = Address("github.com", "someone", "harness")


def at(github: GitHubDouble, repository: Address = HERE) -> GitHub:
    return GitHub(github.address, repository, TOKEN)


def test_a_pull_request_is_opened_then_written_anew(github: GitHubDouble) -> None:
    assert at(github).propose(PROPOSAL).outcome == "opened"
    assert at(github).propose(PROPOSAL._replace(title="Another")).outcome == "updated"
    assert [pull["title"] for pull in github.pulls] == ["Another"]


def test_a_closed_pull_request_is_not_written_to(github: GitHubDouble) -> None:
    github.opened(PROPOSAL.head, base="main")["state"] = "closed"
    assert at(github).propose(PROPOSAL).url.endswith("/pull/2")


def test_one_that_was_opened_meanwhile_is_looked_up(github: GitHubDouble) -> None:
    github.opened(PROPOSAL.head, base="main")
    github.script = [Turn("GET", hidden=True)]
    assert at(github).propose(PROPOSAL).outcome == "updated"
    assert [call.split()[0] for call in github.calls] == ["GET", "POST", "GET", "PATCH"]


@pytest.mark.parametrize("status", [502, 503, 504])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_gateway_that_fails_twice_is_asked_a_third_time(
    github: GitHubDouble, status: int, method: str
) -> None:
    github.script = [Turn(method, status, {"Retry-After": "600"})] * 2
    assert at(github).propose(PROPOSAL).outcome == "opened"
    assert len([call for call in github.calls if call.startswith(method)]) == 3


def test_a_gateway_that_always_fails_is_asked_four_times(github: GitHubDouble) -> None:
    github.script = [Turn("GET", 502)] * 9
    with pytest.raises(RemoteError, match="GitHub: status 502: planted"):
        at(github).propose(PROPOSAL)
    assert len(github.calls) == 4


def test_an_answer_that_breaks_off_is_an_error_that_the_next_call_mends(
    github: GitHubDouble,
) -> None:
    github.script = [Turn("POST", cut=True)]
    with pytest.raises(RemoteError, match="GitHub does not answer"):
        at(github).propose(PROPOSAL)
    assert at(github).propose(PROPOSAL).outcome == "updated"
    assert len(github.pulls) == 1


def test_nobody_there_is_an_error_after_four_tries(github: GitHubDouble) -> None:
    nobody = GitHub("http://127.0.0.1:9", HERE, TOKEN)
    with pytest.raises(RemoteError, match=r"does not answer \(ConnectionError\)"):
        nobody.propose(PROPOSAL)
    assert github.calls == []


@pytest.mark.parametrize(
    ("turn", "kind", "message"),
    [
        (Turn("GET", 401), HarnessError, "GITHUB_TOKEN: GitHub does not take it.*Pull requests: r"),
        (Turn("POST", 403), HarnessError, "not allowed.*403: planted.*someone/harness.*scope repo"),
        (Turn("GET", 404), HarnessError, "no repository someone/harness"),
        (Turn("GET", 301, {"Location": "https://example.org/"}), HarnessError, "moved .301."),
        (
            Turn("POST", 403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1767225600"}),
            RemoteError,
            "rate limit is used up; it resets at 2026-01-01 00:00 UTC",
        ),
        (Turn("POST", 429, {"retry-after": "61"}), RemoteError, "it resets in 61 s"),
        (Turn("POST", 422, message="No commits"), RemoteError, "refuses the pull request: No com"),
        (Turn("GET", 500, message=f"a {TOKEN} b"), RemoteError, "status 500: a .GITHUB_TOKEN. b"),
        (Turn("GET", 200), RemoteError, "answer of another form"),
    ],
)  # fmt: skip
def test_each_refusal_says_what_it_means(
    github: GitHubDouble, turn: Turn, kind: type[Exception], message: str
) -> None:
    github.script = [turn]
    with pytest.raises(kind) as error:
        at(github).propose(PROPOSAL)
    assert re.search(message, str(error.value)), error.value
    assert TOKEN not in str(error.value)


def test_a_redirect_is_not_followed_with_the_token(github: GitHubDouble) -> None:
    github.script = [Turn("GET", 302, {"Location": f"{github.address}/elsewhere"})]
    with pytest.raises(HarnessError):
        at(github).propose(PROPOSAL)
    assert len(github.calls) == 1


def test_a_netrc_file_does_not_take_the_tokens_place(
    github: GitHubDouble, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login someone password other\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    at(github).propose(PROPOSAL)
    assert github.tokens == {f"Bearer {TOKEN}"}


@pytest.mark.parametrize("api", ["http://api.github.com", "ftp://x", "github", ""])
def test_a_token_is_sent_by_https_only(api: str) -> None:
    with pytest.raises(HarnessError, match="GITHUB_API_URL: expected an https address"):
        GitHub(api, HERE, TOKEN)


def test_a_token_with_a_line_break_is_refused_unshown() -> None:
    with pytest.raises(HarnessError, match="GITHUB_TOKEN: expected printable") as error:
        GitHub("https://api.github.com", HERE, f"{TOKEN}\n")
    assert TOKEN not in str(error.value)
    assert TOKEN not in repr(GitHub("https://api.github.com", HERE, TOKEN))
