"""Latents changed from a command's point of view: what is read, set, and said."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from harness.circuits.changes import Change, active_latents, run_changed
from harness.graphs.attribution_graph import AttributionGraph, write_graph
from harness.models.language_model import LanguageModel
from harness.oneline.change import Wanted, change_prompt, read_changes, supernodes_of
from harness.record import HarnessError
from harness.transcoders.sets import TranscoderSet
from tests.circuits.random_transcoders import random_transcoders
from tests.graphs.planted_graph import sound_graph

TEXT = "hello wo"


@pytest.fixture(scope="module")
def transcoders(tiny: LanguageModel) -> TranscoderSet:
    return random_transcoders(tiny)


@pytest.fixture(scope="module")
def active(tiny: LanguageModel, transcoders: TranscoderSet) -> list[Tensor]:
    ids = torch.tensor([tiny.tokenizer.encode(TEXT)])
    return [layer[0] for layer in active_latents(tiny, transcoders, ids)]


def planted_active() -> list[Tensor]:
    """Of the planted graph's sizes; latent 2 of layer 0 is active with 0.3 at token 3."""
    layers = [torch.zeros(5, 1000) for _ in range(3)]
    layers[0][3, 2], layers[0][1, 7], layers[1][3, 40] = 0.5, 4.0, -2.0
    return layers


def with_supernodes() -> AttributionGraph:
    graph = sound_graph()
    groups = (("city", "0_2_3", "1_40_3"), ("mixed", "0_7_1", "0_error_3"))
    states = graph.qParams.model_copy(update={"supernodes": groups})
    return graph.model_copy(update={"qParams": states})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    write_graph(with_supernodes(), tmp_path / "graph.json")
    return tmp_path / "graph.json"


def test_set_scale_and_ablate_give_the_values_that_they_say() -> None:
    wanted = Wanted(set=["0/5@1=2.5"], scale=["0/2@3=-2", "0/7@1=0.5"], ablate=["1/40@3"])
    assert read_changes(wanted, planted_active()) == {
        (0, 1, 5): 2.5,
        (0, 3, 2): -1.0,
        (0, 1, 7): 2.0,
        (1, 3, 40): 0.0,
    }


def test_a_supernode_is_scaled_as_a_whole(file: Path) -> None:
    wanted = Wanted(supernodes=["city=-2"], graph=file)
    assert read_changes(wanted, planted_active()) == {(0, 3, 2): -1.0, (1, 3, 40): 4.0}


def test_features_alone_are_members_of_a_supernode() -> None:
    assert supernodes_of(with_supernodes()) == {
        "city": ((0, 3, 2), (1, 3, 40)),
        "mixed": ((0, 1, 7),),
    }
    assert supernodes_of(sound_graph()) == {}


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Wanted(set=["0/5@1"]), r"--set '0/5@1': expected LAYER/LATENT@POSITION=NUMBER, such as"),
        (Wanted(scale=["0-5@1=2"]), r"--scale '0-5@1=2': expected LAYER/LATENT@POSITION=NUMBER"),
        (Wanted(ablate=["0/5@1=3"]), r"--ablate '0/5@1=3': expected LAYER/LATENT@POSITION, "),
        (Wanted(set=["3/5@1=1"]), r"layer 3 of 3/5@1: valid: 0 to 2"),
        (Wanted(set=["0/5@5=1"]), r"position 5 of 0/5@5: valid: 0 to 4"),
        (Wanted(ablate=["0/1000@1"]), r"latent 1000 of 0/1000@1: valid: 0 to 999"),
        (Wanted(supernodes=["city=2"]), r"--supernode needs --graph FILE"),
        (Wanted(), r"nothing to change: give --set"),
    ],
)
def test_a_change_that_cannot_be_read_is_refused_with_its_form(wanted: Wanted, said: str) -> None:
    with pytest.raises(HarnessError, match=said):
        read_changes(wanted, planted_active())


@pytest.mark.parametrize("text", ["town=2", "city", "city=two"])
def test_a_supernode_that_is_not_there_names_those_that_are(file: Path, text: str) -> None:
    with pytest.raises(HarnessError, match=r"NAME=FACTOR is wanted.*city"):
        read_changes(Wanted(supernodes=[text], graph=file), planted_active())


def strongest(active: list[Tensor], layer: int, position: int) -> int:
    return int(active[layer][position].argmax())


def test_what_is_said_is_what_direct_runs_give(
    tiny: LanguageModel, transcoders: TranscoderSet, active: list[Tensor]
) -> None:
    latent = strongest(active, 0, 3)
    before = float(active[0][3, latent])
    found = change_prompt(tiny, transcoders, TEXT, Wanted(scale=[f"0/{latent}@3=-40"]), seed=0)
    (change,) = found.changes
    assert (change.latent, change.before) == (f"0/{latent}@3", before)
    assert change.after == pytest.approx(-40 * before)
    said = {(each.run, each.changed): each.tokens for each in found.said}
    assert set(said) == {
        (run, changed)
        for run in ("replacement", "original")
        for changed in ("nothing", "latents", "random latents")
    }
    ids = torch.tensor(tiny.tokenizer.encode(TEXT))
    for run, frozen in (("replacement", True), ("original", False)):
        runs = [[], [Change((0, 3, latent), change.after)]]
        logits = run_changed(tiny, transcoders, ids, runs, freeze_attention=frozen).logits
        for name, row in zip(("nothing", "latents"), logits.softmax(-1), strict=True):
            best = float(row.max())
            assert max(said[run, name].values()) == pytest.approx(best, rel=1e-5)
        assert said[run, "nothing"] != said[run, "latents"]
    assert list(said["original", "latents"].values()) == sorted(
        said["original", "latents"].values(), reverse=True
    )


def test_random_latents_are_others_at_the_same_token_set_to_the_same_multiple(
    tiny: LanguageModel, transcoders: TranscoderSet, active: list[Tensor]
) -> None:
    latent = strongest(active, 1, 5)
    wanted = Wanted(scale=[f"1/{latent}@5=3"])
    found = change_prompt(tiny, transcoders, TEXT, wanted, seed=0)
    (random,) = found.random
    assert random.latent != f"1/{latent}@5"
    layer, rest = random.latent.split("/")
    other, position = rest.split("@")
    assert (layer, position) == ("1", "5")
    assert float(active[1][5, int(other)]) == random.before != 0
    assert random.after == pytest.approx(3 * random.before)
    assert found == change_prompt(tiny, transcoders, TEXT, wanted, seed=0)
    drawn = {
        change_prompt(tiny, transcoders, TEXT, wanted, seed=seed).random[0].latent
        for seed in range(8)
    }
    assert len(drawn) > 1


def test_latents_that_are_changed_together_have_as_many_random_ones_and_none_twice(
    tiny: LanguageModel, transcoders: TranscoderSet, active: list[Tensor]
) -> None:
    """Three of the six that are active at one token: the other three take their place."""
    changed = active[0][3].nonzero().flatten().tolist()[:3]
    wanted = Wanted(ablate=[f"0/{latent}@3" for latent in changed])
    for seed in range(5):
        found = change_prompt(tiny, transcoders, TEXT, wanted, seed=seed)
        random = [each.latent for each in found.random]
        assert len(set(random)) == len(random) == 3
        assert not set(random) & {each.latent for each in found.changes}


def test_a_latent_that_is_not_active_is_set_and_has_no_random_one(
    tiny: LanguageModel, transcoders: TranscoderSet, active: list[Tensor]
) -> None:
    latent = int((active[2][4] == 0).nonzero()[0])
    found = change_prompt(tiny, transcoders, TEXT, Wanted(set=[f"2/{latent}@4=30"]), seed=0)
    assert (found.changes[0].before, found.changes[0].after) == (0, 30)
    assert found.random == ()
    said = {(each.run, each.changed): each.tokens for each in found.said}
    for run in ("replacement", "original"):
        assert said[run, "random latents"] == pytest.approx(said[run, "nothing"], abs=1e-6)
