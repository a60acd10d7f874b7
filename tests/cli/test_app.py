import json
import os
import resource
import subprocess
import sys
from typing import Any

import pytest

COMMANDS = [
    *("papers", "models", "doctor", "schema", "init-agent", "new", "freeze", "check"),
    *("run", "judge", "report", "replicate", "rerun"),
    *("compare", "export"),
    *("review", "publish"),
    *("lens", "attend", "patch", "probe", "steer"),
    *("trace", "change"),
    "import",
    "bench sae",
    *("graph validate", "graph view", "graph show"),
    *("graph diff", "graph motifs", "graph supernodes"),
    *("transcoders list", "transcoders train", "transcoders eval", "transcoders import"),
    *("features show", "features build", "features compare"),
    *("explorer build", "explorer serve", "explorer submit"),
    *("claims text", "claims audit"),
    *("autoresearch tasks", "autoresearch init", "autoresearch run", "autoresearch status"),
    *("autoresearch report", "autoresearch confirm", "autoresearch seal"),
    *("autoresearch transfer", "autoresearch replay"),
    *("autoresearch search", "autoresearch similar"),
    *("agent replicate", "agent status", "agent drivers", "agent review"),
]
WITHOUT_JSON = {"schema": "its output is JSON in any case"}
REPLICATION = "replications/tiny-truth/tiny"
SLOWNESS = 2
"""A machine that is busy with other things spends more seconds on the same work."""


def seconds_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def modules_after(project: Any, *arguments: str) -> set[str]:
    """What a command has imported by the time it ends."""
    code = (
        "import atexit, sys\n"
        "atexit.register(lambda: print(*sys.modules, file=sys.stderr))\n"
        f"sys.argv = ['harness', *{arguments!r}]\n"
        "from harness.cli import main\nmain()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=project.root, capture_output=True, text=True, check=False
    )
    return set(done.stderr.split())


def test_help_answers_at_once(project: Any) -> None:
    project.command("--help")
    before = seconds_of_children()
    ended = project.command("--help")
    assert seconds_of_children() - before < 0.5 * SLOWNESS
    assert ended.code == 0
    for command in COMMANDS:
        assert f"  {command.split()[0]} " in ended.out


def test_check_answers_at_once(project: Any) -> None:
    before = seconds_of_children()
    assert project.command("check", REPLICATION).code == 0
    assert seconds_of_children() - before < 0.5 * SLOWNESS


@pytest.mark.parametrize(
    "arguments",
    [
        *(["--help"], ["bench", "sae", "--help"], ["check", REPLICATION], ["papers"], ["models"]),
        *(["new", "tiny-truth"], ["schema"], ["trace", "--help"], ["change", "--help"]),
        ["transcoders", "list"],
    ],
    ids=" ".join,
)
def test_what_computes_nothing_does_not_import_torch(project: Any, arguments: list[str]) -> None:
    modules = modules_after(project, *arguments)
    assert "harness.cli.app" in modules
    assert not modules & {"torch", "transformers", "matplotlib", "pandas", "sklearn"}


def test_the_commands_are_those_that_are_tested_here() -> None:
    assert list(registered()) == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_speaks_json_or_is_exempt_with_a_reason(command: str) -> None:
    options = [option for each in registered()[command].params for option in each.opts]
    assert ("--json" in options) != bool(WITHOUT_JSON.get(command))


def registered() -> dict[str, Any]:
    """Every command by its words, those of a group too."""
    import typer

    from harness.cli.app import whole_app

    found: dict[str, Any] = {}
    for name, command in typer.main.get_command(whole_app()).commands.items():
        within = getattr(command, "commands", None)
        named = {f"{name} {each}": one for each, one in (within or {}).items()}
        found |= named or {name: command}
    return found


def test_the_version_is_that_of_the_package(cli: Any) -> None:
    from importlib.metadata import version

    assert cli("--version").out == version("interp-replication-harness") + "\n"
    assert cli("--version").code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["chek"], "Did you mean 'check'"),
        (["check"], "Missing argument 'replication'"),
        (["check", REPLICATION, "--jsn"], "No such option: --jsn"),
        (["new", "tiny-truth", "--data", "orignal"], "'generated', 'original'"),
    ],
)
def test_a_mistyped_command_ends_with_two_and_says_what_is_valid(
    project: Any, cli: Any, arguments: list[str], said: str
) -> None:
    before = project.state()
    ended = cli(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    with_json = cli(*arguments, "--json")
    assert with_json.code == 2
    assert said in " ".join(json.loads(with_json.out)["error"])
    assert project.state() == before


def test_a_command_without_arguments_shows_the_help(cli: Any) -> None:
    ended = cli()
    assert "replicate" in ended.out + ended.err
    assert ended.code == 2


def test_an_error_is_text_for_people_and_json_for_programs(project: Any) -> None:
    project.edit("probes: [mass_mean]", "probess: [mass_mean]")
    plain = project.command("check", REPLICATION)
    assert (plain.code, plain.out) == (2, "")
    assert plain.err.startswith("error: ")
    told = project.command("check", REPLICATION, "--json")
    assert told.code == 2
    assert any("did you mean 'probes'" in line for line in json.loads(told.out)["error"])


def test_a_fault_of_ours_is_not_dressed_as_a_mistake_of_the_user(
    project: Any, cli: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise AssertionError("planted")

    monkeypatch.setattr("harness.check.check", broken)
    with pytest.raises(AssertionError, match="planted"):
        cli("check", os.fspath(project.folder))
