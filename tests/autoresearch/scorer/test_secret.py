import hashlib
import hmac
from pathlib import Path
from typing import get_args

import pytest

from harness.autoresearch.scorer.secret import Secret
from harness.autoresearch.task import Tier
from harness.record import HarnessError

TIERS: tuple[Tier, ...] = get_args(Tier)


def test_a_secret_is_drawn_anew_unless_a_seed_is_given() -> None:
    assert Secret.draw(None).key != Secret.draw(None).key
    assert Secret.draw(3) == Secret.draw(3)
    assert Secret.draw(3) != Secret.draw(4)


def test_it_is_read_back_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    secret = Secret.draw(None)
    secret.write(path)
    assert Secret.read(path) == secret
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["secret.key"]


def test_a_second_one_is_not_written_over_the_first(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    Secret.draw(1).write(path)
    with pytest.raises(HarnessError, match=r"secret\.key: cannot be written: File exists"):
        Secret.draw(2).write(path)
    assert Secret.read(path) == Secret.draw(1)
    assert [each.name for each in tmp_path.iterdir()] == ["secret.key"]


@pytest.mark.parametrize(("text", "said"), [("00ff", "has 2 bytes"), ("secret", "cannot be read")])
def test_a_damaged_file_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "secret.key"
    with pytest.raises(HarnessError, match=r"secret\.key: .* cannot be read"):
        Secret.read(path)
    path.write_text(text)
    with pytest.raises(HarnessError, match=said):
        Secret.read(path)


def test_another_task_has_worlds_and_seeds_of_its_own() -> None:
    secret = Secret.draw(1)
    other = secret.of_task("twin")
    assert other == secret.of_task("twin")
    assert len({each.world_seed("sealed") for each in (secret, other, secret.of_task("b"))}) == 3
    assert secret.run_seed("sealed", 0, "training") != other.run_seed("sealed", 0, "training")


def test_the_key_stands_in_nothing_that_is_printed() -> None:
    secret = Secret.draw(1)
    for told in (repr(secret), str(secret), secret.sha256):
        assert secret.key.hex() not in told
        assert repr(secret.key) not in told


def test_what_follows_from_the_key_is_a_keyed_hash_of_what_it_is_for() -> None:
    secret = Secret.draw(1)
    expected = hmac.new(secret.key, b"run/gate/7/training", hashlib.sha256).hexdigest()
    assert secret.run_seed("gate", 7, "training") == int(expected[:16], 16) >> 1
    expected = hmac.new(secret.key, b"world/sealed", hashlib.sha256).hexdigest()
    assert secret.world_seed("sealed") == int(expected[:8], 16) >> 1


def test_tiers_seeds_purposes_and_keys_all_have_numbers_of_their_own() -> None:
    keys = [Secret.draw(seed) for seed in range(3)]
    found = {
        key.run_seed(tier, seed, purpose)
        for key in keys
        for tier in TIERS
        for seed in range(20)
        for purpose in ("training", "evaluation")
    }
    assert len(found) == 3 * 3 * 20 * 2
    assert max(found) < 2**63
    assert len({key.world_seed(tier) for key in keys for tier in TIERS}) == 9
