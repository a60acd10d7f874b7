import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from sae_lens.registry import SAE_TRAINING_CLASS_REGISTRY

from harness.record import HarnessError
from harness.saes.architectures import AnySAE, Scale, autotuner, make_sae
from harness.saes.training import train
from harness.specs.sae_bench import ARCHITECTURES
from harness.worlds.world import SyntheticWorld
from tests.saes.made import SMALL, architecture, recipe
from tests.worlds.small import opened

PAPER = Scale(d_in=768, d_sae=4096, l0=25.0, steps=195_312)
THE_PAPERS = {
    "standard": {"l1_coefficient": 2.0, "l1_warm_up_steps": 65_104},
    "topk": {"k": 25},
    "batchtopk": {"k": 25.0},
    "jumprelu": {
        "normalize_activations": "expected_average_only_in",
        "jumprelu_sparsity_loss_mode": "step",
        "jumprelu_bandwidth": 1.0,
        "jumprelu_init_threshold": 1.0,
        "decoder_init_norm": 0.5,
        "l0_coefficient": 1.0,
    },
    "gated": {"l1_coefficient": 2.0},
    "matryoshka_batchtopk": {
        "k": 25.0,
        "matryoshka_widths": [128, 512, 2048, 4096],
        "use_matryoshka_aux_loss": True,
    },
    "matching_pursuit": {
        "residual_threshold": 0.0,
        "max_iterations": 25,
        "decoder_init_norm": 1.0,
        "stop_on_duplicate_support": False,
    },
}
MODULE = """\
from dataclasses import dataclass
from pathlib import Path
from sae_lens import (
    StandardSAEConfig, StandardTrainingSAE, StandardTrainingSAEConfig, register_sae_training_class
)

Path(__file__).with_name("imported").touch()

@dataclass
class PlantedConfig(StandardTrainingSAEConfig):
    shift: float = 0.0
    @classmethod
    def architecture(cls): return "planted"
    def get_inference_config_class(self): return StandardSAEConfig

@dataclass
class UnregisteredConfig(StandardTrainingSAEConfig):
    @classmethod
    def architecture(cls): return "unregistered"

class PlantedSAE(StandardTrainingSAE):
    pass

register_sae_training_class("planted", PlantedSAE, PlantedConfig)
"""


@pytest.fixture(scope="module")
def world() -> SyntheticWorld:
    return opened()


@pytest.fixture
def _forget(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Modules and classes that a test brings are gone behind it."""
    before = dict(SAE_TRAINING_CLASS_REGISTRY)
    monkeypatch.delitem(sys.modules, "planted_sae", raising=False)
    importlib.invalidate_caches()
    yield
    sys.modules.pop("planted_sae", None)
    SAE_TRAINING_CLASS_REGISTRY.clear()
    SAE_TRAINING_CLASS_REGISTRY.update(before)


def planted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "planted_sae.py").write_text(MODULE)
    monkeypatch.syspath_prepend(folder)
    return folder


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_settings_are_the_papers(name: str) -> None:
    narrow = PAPER._replace(d_in=8)
    found = make_sae(architecture(name), narrow, seed=0).cfg.to_dict()
    assert {key: found[key] for key in THE_PAPERS[name]} == THE_PAPERS[name]
    assert found["d_sae"] == 4096
    assert found["apply_b_dec_to_input"]


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_architecture_learns(name: str, world: SyntheticWorld) -> None:
    steps = 60
    made = recipe(name, samples=64 * steps, learning_rate=3e-3)
    before = make_sae(made.architecture, made.scale(48), seed=0)
    sae = train(world, made)
    assert all(bool(p.isfinite().all()) for p in sae.parameters())
    x = world.draw(500, world.generator(9))
    assert error(sae, x) < 0.95 * error(before, x)


def error(sae: AnySAE, x: torch.Tensor) -> float:
    sae.eval()
    with torch.no_grad():
        return float((sae.decode(sae.encode(x)) - x).square().sum(dim=1).mean())


def test_weights_depend_on_the_seed_alone_and_leave_the_global_generator() -> None:
    torch.manual_seed(0)
    state = torch.get_rng_state()
    one, again, other = (make_sae(architecture("topk"), SMALL, seed=s) for s in (1, 1, 2))
    assert torch.equal(one.W_dec, again.W_dec)
    assert not torch.equal(one.W_dec, other.W_dec)
    assert torch.equal(torch.get_rng_state(), state)


def test_a_setting_of_the_spec_goes_before_the_papers() -> None:
    own = architecture("matryoshka_batchtopk", matryoshka_widths=[10, 40], k=2.5)
    cfg = make_sae(own, SMALL, seed=0).cfg
    assert (cfg.matryoshka_widths, cfg.k) == ([10, 40], 2.5)
    assert make_sae(architecture("matryoshka_batchtopk"), SMALL, seed=0).cfg.k == 3.0


def test_narrow_saes_have_as_many_levels_as_fit() -> None:
    made = make_sae(architecture("matryoshka_batchtopk"), SMALL._replace(d_sae=16), seed=0)
    assert made.cfg.matryoshka_widths == [2, 8, 16]


@pytest.mark.parametrize(
    ("name", "config", "told"),
    [
        ("batchtpok", {}, "architecture 'batchtpok' is unknown; did you mean 'batchtopk'"),
        ("topk", {"aux_loss_coeficient": 1}, "topk: config.aux_loss_coeficient.*did you mean"),
        ("standard", {"dtype": "float33"}, "standard: "),
        ("no_such_module_x:Config", {}, "module 'no_such_module_x' is not installed"),
        ("sae_lens:NoSuchConfig", {}, "sae_lens:NoSuchConfig"),
        ("sae_lens:TopKTrainingSAE", {}, "not a configuration of a SAELens training SAE"),
    ],
)
def test_what_is_not_known_is_told_with_the_choices(
    name: str, config: dict[str, int], told: str
) -> None:
    with pytest.raises(HarnessError, match=told):
        make_sae(architecture(name, **config), SMALL, seed=0)


@pytest.mark.usefixtures("_forget")
def test_a_registered_class_of_an_installed_package_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, world: SyntheticWorld
) -> None:
    monkeypatch.chdir(tmp_path)
    planted(tmp_path / ".venv/lib/site-packages", monkeypatch)
    named = architecture("planted_sae:PlantedConfig", shift=1.5)
    assert named.title == "plantedconfig"
    sae = make_sae(named, SMALL, seed=0)
    assert (type(sae).__name__, sae.cfg.shift) == ("PlantedSAE", 1.5)
    trained = train(world, recipe("topk", architecture=named, samples=320))
    assert all(bool(p.isfinite().all()) for p in trained.parameters())
    with pytest.raises(HarnessError, match="does not register it with SAELens"):
        make_sae(architecture("planted_sae:UnregisteredConfig"), SMALL, seed=0)
    with pytest.raises(HarnessError, match=r"config\.shfit.*did you mean 'shift'"):
        make_sae(architecture("planted_sae:PlantedConfig", shfit=1.5), SMALL, seed=0)


def test_another_class_that_saelens_ships_is_named_by_its_path() -> None:
    sae = make_sae(architecture("sae_lens:BatchTopKTrainingSAEConfig"), SMALL, seed=0)
    assert sae.cfg.k == 3.0, "a class with a k gets the wanted L0"


@pytest.mark.usefixtures("_forget")
@pytest.mark.parametrize("inside", [".", "sub"])
def test_a_module_in_the_working_folder_is_refused_and_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inside: str
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = planted(tmp_path / inside, monkeypatch)
    with pytest.raises(HarnessError, match="lies in the working folder; install it as a package"):
        make_sae(architecture("planted_sae:PlantedConfig"), SMALL, seed=0)
    assert not (folder / "imported").exists()
    # The control: elsewhere the very same module is run.
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    make_sae(architecture("planted_sae:PlantedConfig"), SMALL, seed=0)
    assert (folder / "imported").exists()


def test_only_coefficients_are_tuned_and_from_where_the_paper_does() -> None:
    starts = {name: autotuner(architecture(name), PAPER) for name in ARCHITECTURES}
    found = {name: each.start for name, each in starts.items() if each is not None}
    assert found == {"standard": 65_104, "jumprelu": 0, "gated": 65_104}
    tuned = autotuner(architecture("standard"), PAPER)
    assert tuned is not None
    assert (tuned.target, tuned.gain) == (25.0, pytest.approx(3e-4))
    shorter = autotuner(architecture("standard"), PAPER._replace(steps=30_000))
    assert shorter is not None
    assert shorter.gain == pytest.approx(3e-4 * 195_312 / 30_000)
