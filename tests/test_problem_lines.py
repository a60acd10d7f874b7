from harness.problem_lines import Place, Problem, problems_in, split_place


def problem(message: str, **known: object) -> Problem:
    nothing = {"file": None, "line": None, "key": None, "valid": None, "did_you_mean": None}
    return Problem.model_validate({**nothing, "message": message, **known})


def test_file_line_key_guess_and_choices_are_taken_apart() -> None:
    line = (
        "/a/b/replication.yaml:12: experiments[0].sweep[1].foldds: unknown key 'foldds'; "
        "did you mean 'folds'? valid: data, folds, id"
    )
    assert problems_in(line) == [
        problem(
            "unknown key 'foldds'; did you mean 'folds'? valid: data, folds, id",
            file="/a/b/replication.yaml",
            line=12,
            key="experiments[0].sweep[1].foldds",
            valid=("data", "folds", "id"),
            did_you_mean="folds",
        )
    ]


def test_what_a_message_does_not_say_is_null() -> None:
    assert problems_in("no folder papers/ here or above") == [
        problem("no folder papers/ here or above")
    ]


def test_a_file_without_a_line_is_a_file() -> None:
    (found,) = problems_in("papers/x/paper.yaml: no paper 'x'; valid: ioi, caa")
    assert (found.file, found.line, found.key) == ("papers/x/paper.yaml", None, None)
    assert found.valid == ("ioi", "caa")
    assert found.did_you_mean is None


def test_an_option_is_a_key_of_no_file() -> None:
    (found,) = problems_in("--base: origin has no 'mian'; did you mean 'main'? valid: main, dev")
    assert (found.file, found.key, found.did_you_mean) == (None, "--base", "main")


def test_words_before_a_colon_are_neither_file_nor_key() -> None:
    told = "a claim of the paper: it cannot be judged"
    assert problems_in(told) == [problem(told)]


def test_choices_end_where_the_message_goes_on() -> None:
    (found,) = problems_in("width: 9; valid: 1 to 7; the whole width 8 is added")
    assert (found.key, found.valid) == ("width", ("1 to 7",))


def test_choices_of_a_literal_are_listed() -> None:
    (found,) = problems_in("a/p.yaml:3: claims[0].scope: Input should be 'exact' or 'general'")
    assert found.valid == ("exact", "general")


def test_each_line_is_a_problem_and_indented_lines_belong_to_the_one_above() -> None:
    told = "r.yaml:4: deviations: add these:\n  - {what: model}\n  - {what: scale}\nr.yaml: key: no"
    first, second = problems_in(told)
    assert (first.key, first.line) == ("deviations", 4)
    assert first.message == "add these:\n  - {what: model}\n  - {what: scale}"
    assert (second.key, second.line, second.message) == ("key", None, "no")


def test_a_place_is_split_from_what_is_said_of_it() -> None:
    assert split_place("a.yaml:7: key: x: y") == Place("a.yaml", 7, "key: x: y")
    assert split_place("a.yaml: x") == Place("a.yaml", None, "x")
    assert split_place("nothing of the kind") is None


def test_hostile_lines_take_no_time() -> None:
    for text in (":" * 1_000_000, "a" * 1_000_000, "a." * 500_000 + ": ", "valid: " * 150_000):
        assert len(problems_in(text)) == 1
