import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from scipy.stats import pearsonr, t

from harness.check.imported import imported_problems
from harness.estimate import estimate
from harness.expectations import Bound
from harness.experiments.context import Context
from harness.experiments.imported import run
from harness.experiments.imported.correlation_error import correlation_stderr
from harness.experiments.imported.result_file import MOST_BYTES, ResultFile
from harness.measurement import Measurement, Quantity
from harness.paper import Claim, PaperSpec
from harness.record import HarnessError
from harness.specs import ImportedSpec
from harness.verdict import judge

FILE = "results/neg_cities/result.json"
NEG_CITIES = {
    "metrics": {
        "diagonal_dominance": 0.5,
        "test_accuracy": 0.26,
        "confusion_matrix": [[26, 24], [50, 0]],
    },
    "success": True,
}
MATRIX = {"kind": "confusion_matrix", "at": "/metrics/confusion_matrix"}
WHERE = {"train": "cities", "test": "neg_cities", "layer": "chosen"}


def number(reading: dict[str, Any], metric: str = "accuracy_binary", **more: Any) -> dict[str, Any]:
    return {"reading": reading, "metric": metric, "where": WHERE, "seed": 42, **more}


def spec_of(*numbers: dict[str, Any], content: bytes) -> ImportedSpec:
    sha256 = hashlib.sha256(content).hexdigest()
    return ImportedSpec.model_validate(
        {
            "family": "imported",
            "id": "theirs",
            "model": "hf:org/model",
            "seeds": [42],
            "repository": "https://github.com/someone/replications",
            "commit": "a" * 40,
            "numbers": [{"file": FILE, "sha256": sha256, **each} for each in numbers],
        }
    )


@pytest.fixture
def rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harness_cache: Path) -> Any:
    """Rows that readings give of a file that is at hand."""

    def read(content: object, *numbers: dict[str, Any]) -> list[Measurement]:
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        spec = spec_of(*numbers, content=raw)
        kept = harness_cache / "originals" / hashlib.sha256(raw).hexdigest()[:16] / FILE
        kept.parent.mkdir(parents=True)
        kept.write_bytes(raw)
        return list(run(spec, Context(tmp_path / "artifacts")))

    monkeypatch.setattr("harness.data.download._download", None)
    return read


def test_a_confusion_matrix_gives_a_score_for_each_item(rows: Any) -> None:
    (row,) = rows(NEG_CITIES, number({**MATRIX, "accuracy": "/metrics/test_accuracy"}))
    assert (row.value, row.n) == (0.26, 100)
    assert row.items.unpack() == (1.0,) * 26 + (0.0,) * 74
    assert row.conditions == {"model": "hf:org/model", **WHERE}
    got = estimate([row])
    assert got is not None
    # Wilson's interval of 26 in 100 with t(99) = 1.984: centre .269, half-width .086
    assert (got.low, got.high) == (pytest.approx(0.183, abs=5e-4), pytest.approx(0.355, abs=5e-4))


def test_an_accuracy_that_its_own_matrix_denies_is_refused(rows: Any) -> None:
    content = {**NEG_CITIES, "metrics": {**NEG_CITIES["metrics"], "test_accuracy": 0.5}}  # type: ignore[dict-item]
    with pytest.raises(HarnessError, match=r"result\.json: /metrics/test_accuracy: says 0\.5, but"):
        rows(content, number({**MATRIX, "accuracy": "/metrics/test_accuracy"}))


def said(**more: Any) -> dict[str, Any]:
    theirs = {"metric": "diagonal_dominance", "at": "/metrics/diagonal_dominance"}
    return {**theirs, "value": 0.5, "threshold": 0.5, "success": True, **more}


@pytest.mark.parametrize("wrong", [{"value": 0.9}, {"success": False}])
def test_their_verdict_is_told_as_their_file_has_it(rows: Any, wrong: dict[str, Any]) -> None:
    assert len(rows(NEG_CITIES, number(MATRIX, said=said()))) == 1
    with pytest.raises(
        HarnessError, match=r"/metrics/diagonal_dominance: is 0\.5|/success: is not"
    ):
        rows({**NEG_CITIES, "more": 1}, number(MATRIX, said=said(**wrong)))


def claim(limit: float, side: str, controls: tuple[str, ...] = ()) -> PaperSpec:
    quantity = {"metric": "accuracy_binary", "where": {"test": "neg_cities"}}
    expects = {"kind": "bound", "side": side, "limit": limit, "quantity": quantity}
    source = {"section": "Fig. 1", "quote": "14", "status": "read"}
    stated = {"id": "c", "statement": "s", "source": source, "scope": "general"}
    about = {"id": "p", "title": "t", "authors": ["a"], "year": 2023, "url": "https://e.org/p"}
    content = {**about, "setup": {"models": ["m"], "data": "original"}}
    claims = [{**stated, "expects": expects, "controls": controls}]
    return PaperSpec.model_validate({**content, "claims": claims})


def verdict(paper: PaperSpec, measured: list[Measurement]) -> str:
    one: Claim = paper.claims[0]
    return judge(paper, one, measured, exact_set_up=False).outcome


@pytest.mark.parametrize("limit", [0.51, 0.6, 0.7, 0.95])
def test_what_they_called_a_success_is_no_transfer_at_any_limit_above_chance(
    rows: Any, limit: float
) -> None:
    measured = rows(NEG_CITIES, number(MATRIX, said=said()))
    assert verdict(claim(limit, "at_least"), measured) == "not_replicated"


def test_their_limit_is_refused_for_chance_meets_it() -> None:
    quantity = Quantity(metric="accuracy_binary", where={"test": "neg_cities"})
    with pytest.raises(ValueError, match=r"at_least 0\.5 is met by chance"):
        Bound(kind="bound", quantity=quantity, side="at_least", limit=0.5)


def test_below_chance_supports_the_flip_but_not_without_its_controls(rows: Any) -> None:
    measured = rows(NEG_CITIES, number(MATRIX))
    assert verdict(claim(0.4, "at_most"), measured) == "replicated"
    assert verdict(claim(0.4, "at_most", ("shuffled_labels",)), measured) == "inconclusive"


def test_two_files_are_never_paired_item_by_item(rows: Any) -> None:
    other = {**WHERE, "test": "cities"}
    first, second = rows(
        {**NEG_CITIES, "again": [[26, 24], [50, 0]]},
        number(MATRIX),
        number({"kind": "confusion_matrix", "at": "/again"}, where=other),
    )
    assert first.items.unpack() == second.items.unpack()
    assert first.items.set != second.items.set


def test_an_accuracy_without_items_has_the_binomial_error(rows: Any) -> None:
    content = {"seeds": [{"accuracy": 0.8}], "n": 400}
    (row,) = rows(content, number({"kind": "accuracy", "at": "/seeds/0/accuracy", "n": "/n"}))
    assert (row.value, row.n, row.items) == (0.8, 400, None)
    assert row.stderr == pytest.approx(0.02)


def test_an_accuracy_is_held_against_the_matrix_that_it_came_from(rows: Any) -> None:
    content = {"a": 0.26, "m": [[26, 24], [50, 0]]}
    reading = {"kind": "accuracy", "at": "/a", "n": 100, "matrix": "/m"}
    (row,) = rows(content, number(reading))
    assert (row.value, row.n, row.items) == (0.26, 100, None)
    with pytest.raises(HarnessError, match=r"/a: says 0\.5, but its own confusion matrix"):
        rows({**content, "a": 0.5}, number(reading))
    with pytest.raises(HarnessError, match="/m: counts 100 items, not 99"):
        rows({**content, "more": 1}, number({**reading, "n": 99}))


def test_rates_count_the_trials_of_every_scenario(rows: Any) -> None:
    reading = {"kind": "rates", "at": ["/a", "/b"], "n": 10}
    (row,) = rows({"a": 0.3, "b": 0.0}, number(reading, "misbehaviour_rate"))
    assert (row.value, row.n, sum(row.items.unpack())) == (0.15, 20, 3)
    with pytest.raises(HarnessError, match=r"2\.5 is no count"):
        rows({"a": 0.25, "b": 0.0}, number(reading, "misbehaviour_rate"))


def test_signs_count_entries_above_zero_that_are_meant(rows: Any) -> None:
    content = [{"of": "afraid", "d": 2}, {"of": "calm", "d": 1}, {"of": "afraid", "d": -1}]
    reading = {"kind": "signs", "at": "", "value": "/d", "only": {"of": "afraid"}}
    (row,) = rows(content, number(reading, "danger_preferred"))
    assert row.items.unpack() == (1.0, 0.0)


def test_probabilities_are_scores_of_prompts(rows: Any) -> None:
    reading = {"kind": "probabilities", "at": ["/a", "/b"]}
    (row,) = rows({"a": 0.25, "b": 0.75}, number(reading, "behaviour_probability"))
    assert (row.value, row.n) == (0.5, 2)


@pytest.mark.parametrize(
    ("sign", "metric", "value"),
    [
        ("as_stored", "emotion_correlation", -0.81),
        ("negated", "emotion_correlation", 0.81),
        ("absolute", "pc_rating_correlation", 0.81),
    ],
)
def test_a_correlation_has_the_sign_that_is_asked_for(
    rows: Any, sign: str, metric: str, value: float
) -> None:
    reading = {"kind": "correlation", "at": "/r", "n": 15, "sign": sign}
    (row,) = rows({"r": -0.81}, number(reading, metric))
    assert row.value == value


@pytest.mark.parametrize(("r", "n", "low"), [(0.8, 15, 0.487), (0.5, 30, 0.170), (0.9, 10, 0.624)])
def test_the_end_towards_zero_is_that_of_fishers_interval(r: float, n: int, low: float) -> None:
    """Lower ends from scipy's second implementation of Fisher's interval."""
    import numpy as np

    stderr = correlation_stderr(r, n, ranks=False)
    assert stderr is not None
    assert r - t.ppf(0.975, n - 1) * stderr == pytest.approx(low, abs=1e-3)
    x = np.linspace(-1, 1, n)
    noise = np.cos(7 * x) + x**2
    noise -= np.polyval(np.polyfit(x, noise, 1), x)
    y = r * x / x.std() + np.sqrt(1 - r**2) * noise / noise.std()
    fitted = pearsonr(x, y)
    assert fitted[0] == pytest.approx(r)
    assert fitted.confidence_interval().low == pytest.approx(low, abs=1e-3)


def test_a_perfect_order_of_six_is_not_taken_for_certain() -> None:
    perfect, next_best = (correlation_stderr(r, 6, ranks=True) for r in (1.0, 1 - 12 / 210))
    assert perfect is not None
    assert next_best is not None
    assert perfect > next_best > 0
    assert correlation_stderr(1.0, 6, ranks=False) is None
    assert correlation_stderr(0.5, 3, ranks=False) is None


SCORES = {"glad": 0.1, "calm": 0.2, "sad": -0.3, "angry": -0.2}
RATINGS = {"glad": 0.8, "calm": 0.4, "sad": -0.7, "angry": -0.7, "proud": 0.7}


def test_a_correlation_that_was_left_at_zero_is_computed(rows: Any) -> None:
    reading = {"kind": "correlation_of", "at": "/scores", "ratings": RATINGS}
    metric = "emotion_correlation"
    (row,) = rows({"scores": SCORES, "r": 0.0}, number(reading, metric))
    expected = pearsonr([0.1, 0.2, -0.3, -0.2], [0.8, 0.4, -0.7, -0.7])[0]
    assert row.value == pytest.approx(expected)
    with pytest.raises(HarnessError, match=r"/r: is 0, not 0\.91"):
        rows({"scores": SCORES, "r": 0}, number({**reading, "stored": "/r"}, metric))
    equal = dict.fromkeys(SCORES, 0.1)
    with pytest.raises(HarnessError, match="all values are equal, so that there is no correlation"):
        rows({"scores": equal}, number(reading, metric))


def test_a_bare_number_decides_nothing(rows: Any) -> None:
    reading = {"kind": "number", "at": "/share", "n": 15}
    (row,) = rows({"share": 0.3}, number(reading, "pc_variance_share"))
    got = estimate([row])
    assert got is not None
    assert (got.mean, got.low) == (0.3, None)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"metrics": NaN}', "holds NaN"),
        (b'{"metrics": -Infinity}', "holds -Infinity"),
        (b"\x80\x04cpickle", "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        ({"metrics": {}}, "/metrics: no key 'confusion_matrix'; there are: none"),
        ({"metrics": "confusion_matrix"}, "/metrics: holds no 'confusion_matrix'"),
        ({"metrics": {"confusion_matrix": [[1, 2]]}}, "not a square matrix"),
        ({"metrics": {"confusion_matrix": [["1"]]}}, 'expected a number, not "1"'),
        ({"metrics": {"confusion_matrix": [[True]]}}, "expected a number, not true"),
        ({"metrics": {"confusion_matrix": [[-1]]}}, "-1 is no count"),
        ({"metrics": {"confusion_matrix": [[0.5]]}}, "0.5 is no count"),
        (b'{"metrics": {"confusion_matrix": [[1e400]]}}', "not a finite number"),
        ({"metrics": {"confusion_matrix": [[10**9]]}}, "is no count"),
        ({"metrics": {"confusion_matrix": [[0]]}}, "counts nothing"),
        ({"metrics": {"confusion_matrix": {"../../evil": 1}}}, "expected a list"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_file_that_does_not_fit_is_named_with_the_key(
    rows: Any, content: object, said: str
) -> None:
    with pytest.raises(HarnessError) as error:
        rows(content, number(MATRIX))
    assert FILE in str(error.value)
    assert said in str(error.value)


def test_a_file_that_is_too_long_is_not_parsed() -> None:
    with pytest.raises(HarnessError, match="at most 33,554,432 are read"):
        ResultFile.parse(b" " * (MOST_BYTES + 1), FILE)


def test_other_content_than_named_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harness_cache: Path
) -> None:
    assert not harness_cache.exists()
    monkeypatch.setenv("HARNESS_DATA", str(tmp_path))
    (tmp_path / FILE).parent.mkdir(parents=True)
    (tmp_path / FILE).write_bytes(b"{}")
    spec = spec_of(number(MATRIX), content=b"other")
    with pytest.raises(HarnessError, match="sha256 is"):
        list(run(spec, Context(tmp_path / "artifacts")))


def test_the_manifest_names_each_file_by_address_and_content(rows: Any, tmp_path: Path) -> None:
    raw = json.dumps(NEG_CITIES).encode()
    rows(raw, number(MATRIX))
    context = Context(tmp_path / "artifacts")
    list(run(spec_of(number(MATRIX), content=raw), context))
    used = context.data[FILE]
    assert used.source == f"https://github.com/someone/replications at {'a' * 12}"
    assert (used.sha256, used.statements) == (hashlib.sha256(raw).hexdigest(), 1)


@pytest.mark.parametrize(
    ("reading", "metric", "said"),
    [
        (MATRIX, "direction_angle", "gives a share of units"),
        ({"kind": "correlation", "at": "/r", "n": 9}, "accuracy_binary", "gives a correlation"),
        ({"kind": "correlation", "at": "/r", "n": 9}, "pc_rating_correlation", "sign"),
    ],
)
def test_check_refuses_a_reading_of_another_kind(
    reading: dict[str, Any], metric: str, said: str
) -> None:
    (problem, *_) = imported_problems(spec_of(number(reading, metric), content=b""))
    assert said in problem
    assert list(imported_problems(spec_of(number(MATRIX), content=b""))) == []
