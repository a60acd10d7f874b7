"""Which latents make a supernode, on a family of prompts whose active latents are planted."""

import numpy as np
import torch
from torch import Tensor

from harness.circuits.attributing import Traced
from harness.circuits.changes import Place
from harness.data.fact_prompts import one_step_prompts, two_step_prompts
from harness.experiments.circuit_tracing.prompts import Fact, Family
from harness.experiments.circuit_tracing.supernodes import (
    Member,
    find_supernodes,
    random_members,
)
from harness.graphs.metadata import Scores
from harness.specs.circuit_tracing import Facts, Steps
from harness.transcoders.files import Config
from harness.transcoders.sets import TranscoderSet
from harness.transcoders.transcoder import TopK, Transcoder

PROMPTS, LAYERS, LATENTS = 6, 2, 12
ANSWERS = (0, 0, 1, 1, 2, 2)
ROLES = {"relation": 2, "hop": 5, "subject": 7, "end": 8, "END": 8}
OWN, ALIKE, OTHERS = [0], [0, 1], [2, 3, 4, 5]


def task(steps: Steps = "two_step") -> Facts:
    return Facts(kind="facts", steps=steps)


def family(**planted: dict[int, list[int]]) -> Family:
    """By role: latents of layer 1, each with the prompts that it is active on."""
    active = {role: torch.zeros(PROMPTS, LAYERS, LATENTS, dtype=torch.bool) for role in planted}
    for role, latents in planted.items():
        for latent, prompts in latents.items():
            active[role][prompts, 1, latent] = True
    carried = active.pop("carried").float()
    prompts = two_step_prompts()[:PROMPTS]
    facts = tuple(
        Fact(prompt, tuple(range(9)), ROLES, answer)
        for prompt, answer in zip(prompts, ANSWERS, strict=True)
    )
    return Family(facts, torch.ones(PROMPTS, dtype=torch.bool), active, carried)


def traced(places: list[Place]) -> Traced:
    """A graph of these features, the first of most influence."""
    count = len(places)
    return Traced(
        features=np.array(places),
        activations=np.arange(1, count + 1, dtype=np.float32),
        logit_ids=(0,),
        logit_tokens=("a",),
        probabilities=np.ones(1, dtype=np.float32),
        adjacency=np.zeros((count + 1, count + 1), dtype=np.float32),
        node_mask=np.ones(count + 1, dtype=bool),
        edge_mask=np.zeros((count + 1, count + 1), dtype=bool),
        cumulative=np.ones(count + 1, dtype=np.float32),
        influence=np.linspace(1, 0, count + 1, dtype=np.float32),
        scores=Scores(1.0, 1.0),
        active_features=count,
        seconds=0.0,
    )


PLANTED = family(
    subject={0: OWN, 1: ALIKE, 2: [*ALIKE, *OTHERS], 3: [0, 2], 4: [0, 2, 3]},
    END={0: OWN, 1: [*ALIKE, *OTHERS], 2: OWN, 3: [*ALIKE, *OTHERS], 4: [0, 2], 5: [0, 2, 3]},
    carried={2: OWN, 3: OWN},
)
"""At the last token latents 2 and 3 are active where something else is asked, too."""
RULE = {
    (1, 2, 7): "relation",
    (0, 5, 7): "hop",
    (1, 7, 0): "subject",
    (1, 7, 1): "bridge",
    (1, 7, 2): None,
    (1, 7, 3): "subject",
    (1, 7, 4): None,
    (1, 8, 0): "answer",
    (1, 8, 1): "output",
    (1, 8, 2): "bridge",
    (1, 8, 3): None,
    (1, 8, 4): "answer",
    (1, 8, 5): "output",
    (1, 3, 0): None,
    (1, 1, 0): None,
}
"""Of two steps. One of two prompts of other answers is a quarter of four: few; two are half."""


def names(found: object, places: list[Place]) -> dict[Place, str | None]:
    assert isinstance(found, dict)
    named = {member.place: name for name, members in found.items() for member in members}
    return {place: named.get(place) for place in places}


def test_each_latent_is_named_by_where_and_on_which_prompts_it_is_active() -> None:
    places = list(RULE)
    found = find_supernodes(task(), PLANTED, 0, traced(places), size=10)
    assert list(found) == ["relation", "hop", "subject", "bridge", "output", "answer"]
    assert names(found, places) == RULE


def test_of_one_step_the_subject_is_what_the_bridge_is_of_two() -> None:
    places = list(RULE)
    of_one = {**RULE, **{place: "subject" for place, name in RULE.items() if name == "bridge"}}
    asked = [place for place, name in of_one.items() if name != "hop"]
    prompts = one_step_prompts()[:PROMPTS]
    roles = {role: at for role, at in ROLES.items() if role != "hop"}
    facts = tuple(
        fact._replace(prompt=prompt, roles=roles, answer=number)
        for number, (fact, prompt) in enumerate(zip(PLANTED.facts, prompts, strict=True))
    )
    found = find_supernodes(
        task("one_step"), PLANTED._replace(facts=facts), 0, traced(places), size=10
    )
    assert list(found) == ["relation", "subject", "output", "answer"]
    named = names(found, asked)
    # Prompts 1 to 5 have other answers here: what prompt 1 shares is shared by one of five.
    assert named == {place: of_one[place] for place in asked} | {
        (1, 7, 4): "subject",
        (1, 8, 5): "answer",
    }


def test_the_latents_of_most_influence_are_taken_with_their_activations() -> None:
    places = [(1, 2, latent) for latent in (5, 3, 9, 1)]
    found = find_supernodes(task(), PLANTED, 0, traced(places), size=2)
    assert found["relation"] == (Member((1, 2, 5), 1.0), Member((1, 2, 3), 2.0))
    assert found["answer"] == ()


def transcoders(norms: list[float]) -> TranscoderSet:
    """Decoder rows of these lengths."""
    rows = torch.zeros(len(norms), 4)
    rows[:, 0] = torch.tensor(norms)
    zero = torch.zeros(len(norms))
    layer = Transcoder(rows, zero, rows, torch.zeros(4), TopK(2))
    return TranscoderSet("t", Config(model_name="t", scan="t"), (layer, layer), "0", None)


def active(**at: float) -> list[Tensor]:
    """Activations of latents of layer 1 at token 1, all else being 0."""
    layers = [torch.zeros(3, 12) for _ in range(2)]
    for name, value in at.items():
        layers[1][1, int(name.removeprefix("l"))] = value
    return layers


def draws(acts: list[Tensor], members: list[Member], norms: list[float]) -> set[Place]:
    """All that a hundred draws give."""
    source = torch.Generator().manual_seed(0)
    found = [random_members(transcoders(norms), acts, members, source) for _ in range(100)]
    for each in found:
        assert all(member.activation == acts[1][1, member.place[2]] for member in each)
    return {member.place for each in found for member in each}


def test_a_random_latent_is_active_at_the_same_token_and_is_no_member() -> None:
    acts = active(l0=2.0, l1=1.0, l2=3.0)
    acts[0][1, 5] = acts[1][2, 6] = 2.0
    found = draws(acts, [Member((1, 1, 0), 2.0)], [1.0] * 12)
    assert found == {(1, 1, 1), (1, 1, 2)}


def test_only_the_five_nearest_in_what_they_write_are_drawn_from() -> None:
    """What they write is activation times length: latent 9, twice as long, writes 2."""
    acts = active(l0=2.0, l1=2.1, l2=1.9, l3=2.2, l4=1.8, l9=1.0, l6=2.4, l7=9.0)
    norms = [1.0] * 9 + [2.0] + [1.0] * 2
    found = draws(acts, [Member((1, 1, 0), 2.0)], norms)
    assert {latent for _, _, latent in found} == {1, 2, 3, 4, 9}
    plain = draws(acts, [Member((1, 1, 0), 2.0)], [1.0] * 12)
    assert {latent for _, _, latent in plain} == {1, 2, 3, 4, 6}, "the control: equal lengths"


def test_no_random_latent_is_drawn_twice_and_too_few_are_all_there_are() -> None:
    acts = active(l0=2.0, l1=1.0, l2=3.0, l3=4.0)
    members = [Member((1, 1, 0), 2.0), Member((1, 1, 1), 1.0), Member((1, 1, 2), 3.0)]
    found = random_members(transcoders([1.0] * 12), acts, members, torch.Generator())
    assert [member.place for member in found] == [(1, 1, 3)]
    alone = random_members(transcoders([1.0] * 12), active(l0=2.0), members[:1], torch.Generator())
    assert alone == ()


def test_the_source_decides_what_is_drawn() -> None:
    acts = active(**{f"l{latent}": 1.0 for latent in range(12)})
    members = [Member((1, 1, latent), 1.0) for latent in range(4)]
    one, again, other = (
        random_members(transcoders([1.0] * 12), acts, members, torch.Generator().manual_seed(seed))
        for seed in (0, 0, 3)
    )
    assert one == again != other
    assert len({member.place for member in one}) == len(members)
