"""Which prompts are asked, which foils they get, and what each intervention sets."""

from pathlib import Path

import pytest
import torch

from harness.circuits.changes import active_latents
from harness.circuits.replacement import Replacement
from harness.data.fact_prompts import one_step_prompts
from harness.experiments.circuit_tracing.bench import Bench, generator
from harness.experiments.circuit_tracing.outcomes import NONE, Asked, arms_of, see
from harness.experiments.circuit_tracing.prompts import Family, draw_pairs, read_family
from harness.experiments.circuit_tracing.supernodes import Member
from harness.experiments.context import Context
from harness.experiments.uninformative import Uninformative
from harness.models.language_model import LanguageModel
from harness.specs.circuit_tracing import SWAP, Facts
from harness.transcoders.sets import TranscoderSet
from tests.experiments.circuit_tracing.answering import spec

TASK = Facts(kind="facts", steps="one_step", prompts=12)
SUBJECT, END = 4, 5


@pytest.fixture(scope="module")
def bench(
    answering: Path,
    trained_set: Path,
    lm: LanguageModel,
    transcoders: TranscoderSet,
    tmp_path_factory: pytest.TempPathFactory,
) -> Bench:
    """Without circuit-tracer's model: no graph is made here."""
    context = Context(tmp_path_factory.mktemp("arms") / "x", device="cpu")
    without = Replacement(lm, transcoders, None)  # pyright: ignore[reportArgumentType]
    return Bench(spec(answering, trained_set), without, transcoders, context)


@pytest.fixture(scope="module")
def family(bench: Bench) -> Family:
    return read_family(bench, TASK)


@pytest.fixture(scope="module")
def asked(family: Family, bench: Bench) -> Asked:
    """Two prompts, each with its two most active latents of layer 0 as every supernode."""

    def supernodes(number: int) -> dict[str, tuple[Member, ...]]:
        tokens = family.facts[number].tokens
        active = active_latents(bench.lm, bench.transcoders, tokens[None])[0][0]
        at = {"relation": 2, "subject": SUBJECT, "output": END, "answer": END}
        return {
            name: tuple(
                Member((0, position, latent), float(active[position, latent]))
                for latent in active[position].topk(2).indices.tolist()
            )
            for name, position in at.items()
        }

    return Asked(family.facts[3], family.facts[8], supernodes(3), supernodes(8))


def test_a_family_knows_which_prompts_are_answered_and_what_is_active(
    family: Family, bench: Bench
) -> None:
    prompts = one_step_prompts()
    assert [fact.prompt for fact in family.facts] == list(prompts)
    assert float(family.right.double().mean()) > 0.9
    number = 7
    tokens = family.facts[number].tokens
    active = active_latents(bench.lm, bench.transcoders, tokens[None])
    for role, position in (("subject", SUBJECT), ("END", END)):
        for layer, found in enumerate(active):
            assert torch.equal(family.active[role][number, layer], found[0, position] != 0)
    elsewhere = [one_step_prompts(relation)[number].text for relation in ("continent", "currency")]
    ids = torch.tensor(bench.lm.tokenizer(elsewhere)["input_ids"])
    for layer, found in enumerate(active_latents(bench.lm, bench.transcoders, ids)):
        share = (found[:, END] != 0).float().mean(0)
        assert torch.equal(family.carried[number, layer], share)


def test_foils_are_drawn_prompts_with_another_answer(bench: Bench, family: Family) -> None:
    pairs = draw_pairs(bench, TASK, family, seed=0)
    drawn = [pair.asked for pair in pairs]
    assert len(set(drawn)) == len(drawn) == 12
    for pair in pairs:
        assert pair.foil in drawn
        assert family.facts[pair.foil].answer != family.facts[pair.asked].answer
        assert bool(family.right[pair.asked])
    assert pairs == draw_pairs(bench, TASK, family, seed=0)
    assert pairs != draw_pairs(bench, TASK, family, seed=1)


def test_prompts_that_are_answered_wrong_are_not_asked(bench: Bench, family: Family) -> None:
    right = torch.zeros(50, dtype=torch.bool)
    right[20:31] = True
    pairs = draw_pairs(bench, TASK, family._replace(right=right), seed=0)
    assert {pair.asked for pair in pairs} == set(range(20, 31))
    right[22:] = False
    with pytest.raises(Uninformative, match=r"answers 2 of 50 one_step prompts; 10 are needed"):
        draw_pairs(bench, TASK, family._replace(right=right), seed=0)
    alike = tuple(fact._replace(answer=5) for fact in family.facts)
    with pytest.raises(Uninformative, match="all drawn prompts alike"):
        draw_pairs(bench, TASK, family._replace(facts=alike), seed=0)


def test_arms_are_the_clean_run_and_each_intervention_with_as_many_random_draws(
    bench: Bench, asked: Asked
) -> None:
    arms = arms_of(bench, TASK, asked, seed=0, number=0)
    changes = (*TASK.supernodes, SWAP)
    assert [(arm.intervention, arm.draw) for arm in arms] == [
        (NONE, None),
        *((change, draw) for draw in (None, 0, 1) for change in changes),
    ]
    assert arms[0].changes == ()


def test_a_supernode_is_set_to_the_factor_times_its_activations(bench: Bench, asked: Asked) -> None:
    real = arms_of(bench, TASK, asked, 0, 0)[1]
    assert (real.intervention, real.draw) == ("relation", None)
    expected = {member.place: -2 * member.activation for member in asked.own["relation"]}
    assert {change.place: change.value for change in real.changes} == expected


def test_swapping_puts_the_foils_latents_in_and_takes_the_own_ones_out(
    bench: Bench, asked: Asked
) -> None:
    (swap,) = (
        arm
        for arm in arms_of(bench, TASK, asked, 0, 0)
        if (arm.intervention, arm.draw) == (SWAP, None)
    )
    put = {m.place: bench.spec.foil_factor * m.activation for m in asked.foils["subject"]}
    taken = {m.place: bench.spec.factor * m.activation for m in asked.own["subject"]}
    assert {change.place: change.value for change in swap.changes} == {**taken, **put}


def test_random_arms_set_other_latents_at_the_same_tokens(bench: Bench, asked: Asked) -> None:
    arms = arms_of(bench, TASK, asked, 0, 0)
    for name in TASK.supernodes:
        own = {member.place for member in asked.own[name]}
        for arm in arms:
            if arm.intervention == name and arm.draw is not None:
                places = {change.place for change in arm.changes}
                assert len(places) == 2 and not places & own
                assert {place[:2] for place in places} == {place[:2] for place in own}
    assert arms == arms_of(bench, TASK, asked, 0, 0)
    assert arms[6:] != arms_of(bench, TASK, asked, 1, 0)[6:]
    assert arms[:6] == arms_of(bench, TASK, asked, 1, 0)[:6]


def test_an_intervention_without_members_is_nothing_to_be_tried(asked: Asked) -> None:
    empty = asked._replace(own={**asked.own, "answer": ()})
    assert empty.has(TASK, NONE) and empty.has(TASK, "subject") and empty.has(TASK, SWAP)
    assert not empty.has(TASK, "answer")
    foil = asked._replace(foils={**asked.foils, "subject": ()})
    assert not foil.has(TASK, SWAP)
    assert foil.has(TASK, "subject")


def test_effects_are_those_of_the_last_tokens_probabilities(
    bench: Bench, asked: Asked, family: Family
) -> None:
    arms = arms_of(bench, TASK, asked, 0, 0)
    seen = see(bench, asked, family, arms)["original"]
    with torch.inference_mode():
        chances = bench.lm.hf(asked.fact.tokens[None]).logits[0, -1].double().softmax(-1)
    effects = {name: float(values[0]) for name, values in seen.effects.items()}
    assert effects["answer_probability"] == pytest.approx(float(chances[asked.fact.answer]), 1e-5)
    assert effects["foil_probability"] == pytest.approx(float(chances[asked.foil.answer]), 1e-4)
    assert effects["answer_log_probability_lost"] == 0
    assert effects["answer_first"] == 1
    for name, members in asked.own.items():
        whole = sum(member.activation for member in members)
        assert float(seen.activations[name][0]) == pytest.approx(whole, rel=1e-5)
    lost = seen.effects["answer_log_probability_lost"]
    probability = seen.effects["answer_probability"]
    torch.testing.assert_close(lost, -(probability / probability[0]).log())
    assert float(lost[1:].abs().max()) > 0.05


def test_sources_of_draws_differ_by_every_number() -> None:
    def draw(*numbers: int) -> int:
        return int(torch.randint(2**40, (), generator=generator(*numbers)))

    asked = [(0,), (1,), (0, 0), (0, 1), (1, 0), (0, 0, 0)]
    assert len({draw(*each) for each in asked}) == len(asked)
    assert draw(3, 4) == draw(3, 4)
