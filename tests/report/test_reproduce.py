"""The script runs from wherever it is called, and does nothing after a step that failed."""

import os
import stat
import subprocess
from pathlib import Path

import pytest

from harness.report.material import Material
from harness.report.reproduce import reproduce_script
from harness.report.write import report_files

MAKE = """\
#!/bin/sh
echo "make $* in $PWD"
[ -z "$BROKEN" ] || exit 2
mkdir -p .venv/bin
printf '#!/bin/sh\\necho "harness $* in $PWD"\\nexit ${RERUN:-0}\\n' > .venv/bin/harness
chmod +x .venv/bin/harness
"""


@pytest.fixture
def clone(material: Material, tmp_path: Path) -> Path:
    """A clone in a folder with an awkward name, and a scripted `make` beside it."""
    root = tmp_path / "a clone; $(touch evil) 'here'"
    script = root / material.folder / "reproduce.sh"
    script.parent.mkdir(parents=True)
    script.write_text(reproduce_script(material))
    make = tmp_path / "bin" / "make"
    make.parent.mkdir()
    make.write_text(MAKE)
    make.chmod(make.stat().st_mode | stat.S_IXUSR)
    return root


def bash(script: Path | str, clone: Path, cwd: Path, **more: str) -> tuple[int, list[str]]:
    path = f"{clone.parent / 'bin'}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", str(script)],
        cwd=cwd,
        env={**os.environ, "PATH": path, **more},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.splitlines()


def test_it_has_three_lines_without_a_machine_path(material: Material):
    text = reproduce_script(material)
    assert text.count("\n") == 3
    assert text.startswith("#!/usr/bin/env bash\n")
    assert text.endswith(f"\n.venv/bin/harness rerun {material.folder}\n")
    assert str(Path.cwd()) not in text


def test_every_report_comes_with_it_and_names_it(material: Material):
    files = report_files(material)
    assert files["reproduce.sh"].decode() == reproduce_script(material)
    assert f"bash {material.folder}/reproduce.sh" in files["report.md"].decode()
    assert "](reproduce.sh)" in files["report.md"].decode()


def test_bash_finds_no_fault_in_it(material: Material, tmp_path: Path):
    script = tmp_path / "reproduce.sh"
    script.write_text(reproduce_script(material))
    subprocess.run(["bash", "-n", script], check=True)


def test_it_installs_and_reruns_in_the_clone_wherever_it_is_called_from(
    material: Material, clone: Path
):
    script = clone / material.folder / "reproduce.sh"
    expected = (
        0,
        [f"make install in {clone}", f"harness rerun {material.folder} in {clone}"],
    )
    elsewhere = clone.parent
    assert bash(script, clone, cwd=elsewhere) == expected
    assert bash(script.relative_to(clone), clone, cwd=clone) == expected
    assert bash("reproduce.sh", clone, cwd=script.parent) == expected
    assert not list(clone.parent.rglob("evil"))


def test_a_search_path_for_folders_does_not_lead_it_astray(material: Material, clone: Path):
    decoy = clone.parent / "decoy"
    (decoy / material.folder).mkdir(parents=True)
    script = f"{material.folder}/reproduce.sh"
    code, said = bash(script, clone, cwd=clone, CDPATH=str(decoy))
    assert (code, said[0]) == (0, f"make install in {clone}")


def test_nothing_is_rerun_where_the_installation_failed(material: Material, clone: Path):
    script = clone / material.folder / "reproduce.sh"
    assert bash(script, clone, cwd=clone, BROKEN="yes") == (2, [f"make install in {clone}"])


def test_it_ends_as_the_rerun_does(material: Material, clone: Path):
    script = clone / material.folder / "reproduce.sh"
    assert bash(script, clone, cwd=clone, RERUN="1")[0] == 1
