import pytest

from harness.data.contrasts import Contrast, Part
from harness.models.language_model import LanguageModel
from harness.models.prompts import encode, encode_pairs, single_token, token_id
from harness.record import HarnessError


def _contrast(name: str, other: str, template: str = "0") -> Contrast:
    def prompt(subject: str) -> tuple[Part, ...]:
        return (
            Part("When"),
            Part(f" {name}", "IO"),
            Part(" and"),
            Part(f" {other}", "S1"),
            Part(" spoke,"),
            Part(f" {subject}", "S2"),
            Part(" gave it to"),
        )

    return Contrast(
        clean=prompt(other),
        corrupted=prompt(name),
        answers=(f" {name}",),
        foils=(f" {other}",),
        unit=f"{name}|{other}",
        template=template,
    )


def test_roles_are_found_at_their_tokens(smollm2: LanguageModel) -> None:
    (found,) = encode(smollm2, [_contrast("Mary", "John").clean])
    tokens = [smollm2.tokenizer.decode([number]) for number in found.ids]
    assert tokens[0] == "<|im_start|>"
    places = {role: tokens[place] for role, place in found.roles.items()}
    assert places == {"IO": " Mary", "S1": " John", "S2": " John", "END": " to"}


def test_a_role_of_several_tokens_is_at_its_last(smollm2: LanguageModel) -> None:
    (found,) = encode(smollm2, [(Part("In"), Part(" Llanfairpwll", "town"), Part(" is"))])
    assert found.roles["town"] == len(found.ids) - 2
    assert len(found.ids) > 4


def test_pairs_are_grouped_by_template_and_keep_their_numbers(smollm2: LanguageModel) -> None:
    given = [_contrast("Mary", "John"), _contrast("Tom", "Anna", "1"), _contrast("Mark", "Paul")]
    groups = list(encode_pairs(smollm2, given))
    assert [group.indices for group in groups] == [(0, 2), (1,)]
    first = groups[0]
    assert first.clean.shape == first.corrupted.shape
    assert smollm2.tokenizer.decode(first.answers[1]) == " Mark"
    assert smollm2.tokenizer.decode(first.foils[1]) == " Paul"
    differ = (first.clean != first.corrupted).any(0).nonzero().flatten().tolist()
    assert differ == [first.roles["S2"]]


def test_pairs_that_do_not_align_are_refused(smollm2: LanguageModel) -> None:
    odd = _contrast("Mary", "John")
    odd = odd._replace(corrupted=(*odd.corrupted, Part(" them all")))
    with pytest.raises(HarnessError, match=r"pair 0 \('Mary\|John'\).*must align"):
        list(encode_pairs(smollm2, [odd]))


def test_what_is_one_token_depends_on_the_tokenizer(smollm2: LanguageModel) -> None:
    single = single_token(smollm2)
    assert single(" Mary")
    assert not single(" Llanfairpwll")
    assert smollm2.tokenizer.decode([token_id(smollm2, " Mary")]) == " Mary"
    with pytest.raises(HarnessError, match="tokens of smollm2-135m-instruct; one is needed"):
        token_id(smollm2, " Llanfairpwll")
