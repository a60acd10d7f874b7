from harness.autoresearch.keep.replay import ignores_seed, is_replay


def test_equal_to_the_bit_on_all_pairs_is_a_replay() -> None:
    assert is_replay([0.1, 0.2], [0.1, 0.2])
    assert not is_replay([0.1, 0.2], [0.1, 0.2000000000000001])
    assert not is_replay([0.1, 0.2], [0.2, 0.1])


def test_one_score_for_all_seeds_ignores_them() -> None:
    assert ignores_seed([0.3, 0.3])
    assert not ignores_seed([0.3, 0.3000000000000001])


def test_one_seed_cannot_tell() -> None:
    assert not ignores_seed([0.3])
