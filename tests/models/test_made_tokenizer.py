from pathlib import Path

from transformers import AutoTokenizer

from harness.data.fact_prompts import one_step_prompts, two_step_prompts
from harness.data.fact_texts import fact_texts
from harness.models.made_tokenizer import token_rows, word_tokenizer

TEXTS = ("Fact: the cat sat.", "The dog sat.")  # 6 and 4 words and signs
TOKENIZER = word_tokenizer(TEXTS, context_length=16)


def test_each_word_and_sign_is_one_token_after_the_start() -> None:
    ids = TOKENIZER("Fact: the dog sat.")["input_ids"]
    assert TOKENIZER.convert_ids_to_tokens(ids) == [
        *("<s>", "Fact", ":", "the", "dog", "sat", "."),
    ]


def test_word_with_and_without_its_leading_space_is_the_same_token() -> None:
    assert TOKENIZER.encode(" dog", add_special_tokens=False) == TOKENIZER.encode(
        "dog", add_special_tokens=False
    )
    assert len(TOKENIZER.encode(" dog", add_special_tokens=False)) == 1


def test_start_token_is_not_number_zero() -> None:
    assert TOKENIZER.bos_token_id == 1
    assert TOKENIZER.pad_token_id == 0


def test_word_of_no_text_is_unknown() -> None:
    assert TOKENIZER("bird")["input_ids"] == [TOKENIZER.bos_token_id, TOKENIZER.unk_token_id]


def test_rows_end_each_text_and_pad_behind() -> None:
    long, short = token_rows(TOKENIZER, TEXTS).tolist()
    assert TOKENIZER.convert_ids_to_tokens(long)[-2:] == [".", "</s>"]
    assert TOKENIZER.convert_ids_to_tokens(short)[-3:] == ["</s>", "<pad>", "<pad>"]


def test_tokens_survive_saving_and_loading(tmp_path: Path) -> None:
    TOKENIZER.save_pretrained(tmp_path)
    loaded = AutoTokenizer.from_pretrained(tmp_path)
    assert loaded(list(TEXTS)).input_ids == TOKENIZER(list(TEXTS)).input_ids
    assert (loaded.bos_token, loaded.eos_token, loaded.pad_token) == ("<s>", "</s>", "<pad>")


def test_every_prompt_about_facts_and_its_answer_is_known() -> None:
    tokenizer = word_tokenizer(fact_texts(), context_length=64)
    for prompt in (*one_step_prompts(), *two_step_prompts()):
        assert tokenizer.unk_token_id not in tokenizer(prompt.text + prompt.answer)["input_ids"]
        assert len(tokenizer.encode(prompt.answer, add_special_tokens=False)) == 1
