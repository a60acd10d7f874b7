from pathlib import Path

import pytest

import agents
from agents.referee.panel_spec import PanelSpec
from harness.record import HarnessError

MEMBER = "{id: a, provider: openai, model: m, max_output_tokens: 100}"


def load(tmp_path: Path, text: str) -> PanelSpec:
    path = tmp_path / "panel.yaml"
    path.write_text(text)
    return PanelSpec.load(path)


def test_the_example_is_a_panel_of_all_three_providers() -> None:
    example = PanelSpec.load(Path(agents.__file__).parent / "panels/example.yaml")
    assert {member.provider for member in example.members} == {
        "anthropic",
        "openai",
        "openai_compatible",
    }


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("provider: openai", "provider: opanai", "'anthropic', 'openai' or 'openai_compatible'"),
        ("model: m, ", "", "model: Field required"),
        ("model: m", 'model: ""', "model"),
        ("max_output_tokens: 100", "max_output_tokens: 0", "greater than 0"),
        ("id: a", "id: ../a", "id"),
        ("id: a", "id: a, api_key: secret", "unknown key 'api_key'"),
        ("id: a", "id: a, base_url: https://example.org", "OPENAI_BASE_URL"),
        ("openai", "openai_compatible", "needed for openai_compatible"),
        ("openai", "openai_compatible, base_url: 'http://u:p@127.0.0.1'", "use api_key_env"),
        (
            "openai",
            "openai_compatible, base_url: 'http://example.org/v1', api_key_env: K",
            "over https only",
        ),
        ("openai", "anthropic, temperature: 0.5", "the anthropic SDK takes none"),
        ("id: a", "id: a, temperature: 3", "less than or equal to 2"),
        ("id: a", "id: a, api_key_env: 'sk-live'", "api_key_env"),
    ],
)
def test_a_wrong_member_is_refused_with_what_is_valid(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    assert old in MEMBER
    with pytest.raises(HarnessError, match=r"panel\.yaml:1: ") as caught:
        load(tmp_path, f"members: [{MEMBER.replace(old, new)}]")
    assert told in str(caught.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/v1", "http://[::1]:1/v1", "https://a.org/v1"])
def test_a_key_may_go_to_this_machine_or_over_https(tmp_path: Path, url: str) -> None:
    new = f"openai_compatible, base_url: '{url}', api_key_env: K"
    spec = load(tmp_path, f"members: [{MEMBER.replace('openai', new)}]")
    assert spec.members[0].key_variable == "K"


def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="two are called a"):
        load(tmp_path, f"members: [{MEMBER}, {MEMBER}]")


def test_a_panel_of_nobody_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="at least 1 item"):
        load(tmp_path, "members: []")
