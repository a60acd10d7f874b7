"""The shipped recipes keep the contract that candidates are held to."""

import ast
import runpy
from pathlib import Path

import pytest

from harness.autoresearch.knobs import active, contract_problems, read_knobs, values
from harness.autoresearch.recipes.start import STARTS, starting
from harness.autoresearch.task import load_task, shipped_tasks
from harness.record import HarnessError
from harness.specs.worlds import resolve_world

every_start = pytest.mark.parametrize("name", STARTS)


@every_start
@pytest.mark.parametrize("task", shipped_tasks())
def test_it_may_run_in_every_shipped_task(name: str, task: str) -> None:
    assert contract_problems(starting(name), load_task(task).contract) == []


@pytest.mark.parametrize("task", shipped_tasks())
def test_shipped_tasks_leave_room_for_its_state(task: str) -> None:
    wanted = load_task(task)
    if wanted.source.kind != "synthetic":
        return
    d, width = resolve_world(wanted.source.world).hidden_dim, wanted.contract.width
    assert 2 * width * d + width + d + 4 <= wanted.contract.parameters


@every_start
def test_code_and_file_know_the_same_knobs(name: str) -> None:
    start = starting(name)
    read = {
        node.slice.value
        for node in ast.walk(ast.parse(start.code))
        if isinstance(node, ast.Subscript)
        and isinstance(node.slice, ast.Constant)
        and ast.unparse(node.value) in ("knobs", "self.knobs")
    }
    assert read == set(read_knobs(start.knobs))


def test_starts_differ_in_nested_levels_alone() -> None:
    plain, nested = (values(starting(name).knobs) for name in STARTS)
    assert {key for key in plain if plain[key] != nested[key]} == {"nested_levels"}
    assert plain["nested_levels"] == 0
    assert starting("batchtopk").code == starting("matryoshka").code


def test_what_is_off_hides_the_knobs_that_hang_on_it() -> None:
    known = read_knobs(starting("batchtopk").knobs)
    hidden = {"k_start", "k_shape", "lista_eta", "detach_levels", "sorted", "refine_spare"}
    assert known.keys() - active(known) == hidden


def test_the_recipe_runs_as_a_file_of_its_own(tmp_path: Path) -> None:
    starting("batchtopk").write(tmp_path)
    found = runpy.run_path(str(tmp_path / "recipe.py"))
    assert callable(found["train"])
    assert callable(found["encode"])


def test_a_folder_of_ones_own_is_read(tmp_path: Path) -> None:
    changed = starting("matryoshka").model_copy(update={"code": "# mine\n"})
    changed.write(tmp_path)
    assert starting(str(tmp_path)) == changed


def test_an_unknown_name_is_told_with_the_valid_ones() -> None:
    with pytest.raises(HarnessError, match=r"did you mean 'batchtopk'.*batchtopk, matryoshka"):
        starting("batchtop")


def test_a_folder_without_knobs_is_told(tmp_path: Path) -> None:
    (tmp_path / "recipe.py").write_text("")
    with pytest.raises(HarnessError, match=r"knobs\.yaml: cannot be read"):
        starting(str(tmp_path))
