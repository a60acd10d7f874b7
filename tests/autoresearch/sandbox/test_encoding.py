"""Encoding in a cell is the same as anywhere else."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load

from harness.autoresearch.candidate import Candidate
from harness.autoresearch.sandbox.place import RunFailed
from harness.isolation import Rung
from tests.autoresearch.sandbox.small import (
    D_IN,
    ENCODE,
    KNOBS,
    WIDTH,
    contract,
    encoder,
    encoding,
    place,
    weights,
)

X = torch.randn(3_000, D_IN, generator=torch.Generator().manual_seed(5))


def test_latents_are_those_of_this_process(rung: Rung, tmp_path: Path) -> None:
    own = load(weights())
    wanted = ((X - own["b_dec"]) @ own["W_dec"].T - 1).relu()
    assert 0 < (wanted > 0).float().mean() < 1
    with encoder(place(tmp_path, rung), Candidate(code=ENCODE, knobs=KNOBS)) as encode:
        assert torch.equal(encode(X), wanted)
        assert torch.allclose(encode(X[:1]), wanted[:1], atol=1e-6)
        assert encode(X[:0]).shape == (0, WIDTH)
        assert torch.equal(encode(X), wanted)


CHEATS = {
    "negative": ("return -torch.ones(len(x), 8)", "malformed", "negative"),
    "not a number": ("return torch.full((len(x), 8), float('nan'))", "not_finite", "not finite"),
    "too wide": ("return torch.ones(len(x), 9)", "malformed", "the log says what"),
    "an error": ("raise ValueError('no')", "crashed", "exit code 1"),
    "an early end": ("os._exit(0)", "crashed", "ended before"),
    "memory": ("return torch.ones(2**30, 8)", "memory", "more memory"),
    "endless answers": (
        "end = os.open('answers', os.O_WRONLY)\nwhile True: os.write(end, b'\\x01' * 65536)",
        "malformed",
        "does not fit",
    ),
}


@pytest.mark.parametrize("cheat", CHEATS)
def test_what_is_not_a_latent_is_refused(best: Rung, tmp_path: Path, cheat: str) -> None:
    body, cause, message = CHEATS[cheat]
    with (
        encoder(place(tmp_path, best), encoding(body)) as encode,
        pytest.raises(RunFailed, match=message) as failed,
    ):
        encode(X[:100])
    assert failed.value.cause == cause


@pytest.mark.parametrize("body", ["time.sleep(99)", "os.closerange(0, 99)\ntime.sleep(99)"])
def test_an_encoder_that_hangs_is_stopped(best: Rung, tmp_path: Path, body: str) -> None:
    held_to = contract(encode_seconds=0.5)
    late = pytest.raises(RunFailed, match=r"deadline: .*more than 0.5 s")
    with encoder(place(tmp_path, best), encoding(body), held_to) as encode, late:
        encode(X)


def test_the_time_of_all_calls_counts_together(best: Rung, tmp_path: Path) -> None:
    held_to = contract(encode_seconds=1)
    slow = encoding("time.sleep(0.4)\nreturn torch.ones(len(x), 8)")
    with encoder(place(tmp_path, best), slow, held_to) as encode:
        assert encode(X).sum() == 8 * len(X)
        encode(X)
        with pytest.raises(RunFailed, match=r"deadline: .*more than 1 s"):
            encode(X)


def test_a_recipe_that_does_not_load_is_told(best: Rung, tmp_path: Path) -> None:
    broken = Candidate(code="def encode(:", knobs=KNOBS)
    crash = pytest.raises(RunFailed, match="crashed")
    with encoder(place(tmp_path, best), broken) as encode, crash as failed:
        encode(X)
    assert "SyntaxError" in failed.value.log
