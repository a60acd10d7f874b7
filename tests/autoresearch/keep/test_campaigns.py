"""Simulated campaigns; benchmarks/autoresearch_aa.py runs more of them."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom

from benchmarks.autoresearch_aa import Noise, Proposer, errors, planted, read_noise

CAMPAIGNS, TRIALS = 200, 60
MOST = int(binom.ppf(0.99, CAMPAIGNS, 0.05))
"""Of 200 campaigns with an error rate of 5 %, in 99 of 100 cases."""


@pytest.mark.parametrize("proposer", ["fresh", "climbing"])
def test_few_campaigns_without_a_gain_keep_anything(proposer: Proposer) -> None:
    found = errors(proposer, Noise(), campaigns=CAMPAIGNS, trials=TRIALS, seed=1)
    assert found.with_false_keep <= MOST
    assert found.naive_keeps_a_campaign > TRIALS / 3
    if proposer == "climbing":
        assert found.with_false_promotion > MOST, "luck that is climbed is the gate's to stop"


def test_gains_are_kept_and_luck_is_not() -> None:
    found = {each.what: each for each in planted(Noise(), trials=TRIALS, seed=1)}
    assert found["gain of 4 sd"].kept > 0.9
    assert found["gain of 2 sd"].kept > 0.4
    assert found["no gain, 4 sd of luck on 3 of 8 dev seeds"].kept < 0.01
    on_all = found["no gain, 4 sd of luck on 8 of 8 dev seeds"]
    assert on_all.promoted > 0.9 and on_all.kept < 0.06


def test_measured_noise_is_centred_and_scaled(tmp_path: Path) -> None:
    path = tmp_path / "noise.json"
    path.write_text(json.dumps({"differences": [5.0 + each / 10 for each in range(12)]}))
    noise = read_noise(path)
    drawn = noise.draw(np.random.default_rng(0), 20_000)
    assert abs(drawn.mean()) < 0.03
    assert drawn.std() == pytest.approx(1, abs=0.03)


def test_noise_that_does_not_vary_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "noise.json"
    path.write_text(json.dumps({"differences": [0.0] * 12}))
    with pytest.raises(SystemExit, match="vary"):
        read_noise(path)
