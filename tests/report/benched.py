"""Rows of a SAE benchmark as the experiment writes them, with values that can be foretold."""

from collections.abc import Iterator, Sequence

from harness.expectations import TableMatch
from harness.measurement import Condition, Measurement
from harness.paper import Claim, ClaimedTable, PaperSpec, Setup, Source
from harness.report.material import Material
from harness.specs import ReplicationSpec, SaeBenchSpec
from harness.specs.worlds import resolve_world
from tests.report import conftest as planted_report

WORLD = "synthsae-2k"
TRUTH = {
    "matryoshka_batchtopk": (0.879, 0.793, 0.779),
    "batchtopk": (0.732, 0.757, 0.792),
    "jumprelu": (0.7317, 0.7527, 0.7951),
    "standard": (0.556, 0.604, 0.765),
    "matching_pursuit": (0.446, 0.693, 0.835),
    "topk": (0.70, 0.74, 0.789),
    "gated": (0.61, 0.65, 0.77),
}
"""F1, MCC and variance explained at relative L0 1."""
PRINTED = {
    "batchtopk": {20: (0.8183, 0.7526, 0.7889), 25: (0.7316, 0.7574, 0.7923)},
    "matryoshka_batchtopk": {20: (0.8601, 0.7455, 0.7699), 25: (0.8793, 0.7927, 0.7792)},
    "matching_pursuit": {20: (0.4439, 0.6748, 0.8267), 25: (0.4464, 0.6930, 0.8351)},
    "standard": {20: (0.5777, 0.5834, 0.7501), 25: (0.5562, 0.6039, 0.7654)},
    "jumprelu": {20: (0.8241, 0.7434, 0.7906), 25: (0.7317, 0.7527, 0.7951)},
}
METRICS = ("latent_f1", "mcc", "sae_variance_explained")
FIVE = tuple(TRUTH)[:5]


def scores(architecture: str, relative: float) -> dict[str, float]:
    """Of one SAE; F1 falls with L0, but for matryoshka, whose rises up to 1."""
    f1, mcc, explained = TRUTH[architecture]
    away = relative - 1
    bend = -0.08 * abs(away) if architecture == "matryoshka_batchtopk" else -0.35 * away
    f1 = min(0.97, max(0.15, f1 + bend))
    own = resolve_world(WORLD).l0
    return {
        "latent_f1": f1,
        "mcc": mcc + 0.03 * away,
        "latent_precision": max(f1 - 0.04 - 0.1 * away, 0.02),
        "latent_recall": min(f1 + 0.05 + 0.02 * away, 0.99),
        "feature_uniqueness": 0.98,
        "sae_variance_explained": explained + 0.05 * away,
        "sae_l0": own * relative * (1.04 if architecture == "jumprelu" else 1.0),
        "dead_latent_fraction": 0.01,
        "shrinkage": 0.97,
    }


def rows(
    architectures: Sequence[str] = FIVE,
    relative_l0: Sequence[float] = (0.8, 1.0),
    seeds: Sequence[int] = (0, 1, 2),
    **more: bool,
) -> list[Measurement]:
    """Each seed is shifted from the truth by as much as it stands away from the middle one."""
    return [
        row
        for seed in seeds
        for row in _of_seed(architectures, relative_l0, seed, 0.004 * (seed - (len(seeds) - 1) / 2))
        if more.get("diagnostics", True) or not {"depth", "band"} & row.conditions.keys()
    ]


def _of_seed(
    architectures: Sequence[str], relative_l0: Sequence[float], seed: int, shift: float
) -> Iterator[Measurement]:
    own = resolve_world(WORLD)
    yield row("world_l0", 10.9, {"model": WORLD}, seed)
    yield row("probe_f1", 0.974 + shift, {"model": WORLD}, seed)
    for place, architecture in enumerate(architectures):
        for relative in relative_l0:
            where: dict[str, Condition] = {
                "model": WORLD,
                "architecture": architecture,
                "relative_l0": relative,
                "l0": round(relative * own.l0, 6),
                "width": own.width,
            }
            for metric, value in scores(architecture, relative).items():
                moved = value + shift * (own.l0 if metric == "sae_l0" else 1)
                yield row(metric, moved, where, seed)
            for control, f1, mcc in (
                ("random_init", 0.02 + 0.01 * place, 0.2),
                ("true_dictionary", 0.9 + 0.01 * place, 1.0),
            ):
                yield row("latent_f1", f1, where, seed, control)
                yield row("mcc", mcc, where, seed, control)
                yield row("sae_l0", 250.0, where, seed, control)
            for metric, value in (
                ("absorption_rate", 0.3),
                ("absorption_cosine", 0.2),
                ("hedging_cosine", -0.1),
            ):
                for depth in (0, 1, 2):
                    at = {**where, "depth": depth}
                    known = value / (1 + depth) * (1 - 0.2 * place) * relative + shift
                    yield row(metric, known, at, seed)
            for band in range(1, 9):
                recovered = scores(architecture, relative)["latent_f1"] * (1 - 0.08 * band)
                yield row("feature_recovery", recovered + shift, {**where, "band": band}, seed)


def row(
    metric: str,
    value: float,
    where: dict[str, Condition],
    seed: int = 0,
    control: str | None = None,
) -> Measurement:
    return Measurement(
        experiment="sweep",
        metric=metric,
        value=value,
        n=500_000,
        seed=seed,
        conditions=where,
        control=control,
    )


def tables() -> tuple[ClaimedTable, ...]:
    """One a metric, as the paper prints them for its own world."""
    return tuple(
        ClaimedTable(
            id=f"table-{metric.replace('_', '-')}",
            title=metric,
            source=Source(section="Table 1", quote="as printed", status="read", version="v1"),
            metric=metric,
            common={"model": "synthsae-16k"},
            rows={name: {"architecture": name} for name in PRINTED},
            columns={"L0 20": {"l0": 20}, "L0 25": {"l0": 25}},
            values={
                name: tuple(by_l0[l0][place] for l0 in (20, 25)) for name, by_l0 in PRINTED.items()
            },
        )
        for place, metric in enumerate(METRICS)
    )


def paper(*printed: ClaimedTable) -> PaperSpec:
    """A paper with these tables, and one claim about the first where there is any."""
    base = planted_report.paper()
    if not printed:
        return base.model_copy(update={"tables": (), "claims": base.claims[:1]})
    expects = TableMatch(
        kind="table", table=printed[0].id, tolerance=0.01, tolerance_from="seeds", cells=0.8
    )
    claim = Claim(
        id="table",
        statement="The table.",
        source=printed[0].source,
        scope="exact",
        expects=expects,
    )
    return PaperSpec(
        id="synthsaebench",
        title="SynthSAEBench: a planted copy",
        authors=("David Chanin",),
        year=2026,
        url=base.url,
        setup=Setup(models=("synthsae-16k",), data="generated"),
        claims=(claim,),
        tables=printed,
    )


def spec(
    architectures: Sequence[str] = FIVE, relative_l0: Sequence[float] = (0.8, 1.0)
) -> SaeBenchSpec:
    """The experiment that such rows belong to."""
    world = resolve_world(WORLD)
    return SaeBenchSpec.model_validate(
        {
            "family": "sae_bench",
            "id": "sweep",
            "seeds": [0, 1, 2],
            "model": WORLD,
            "architectures": list(architectures),
            "relative_l0": list(relative_l0),
            "width": world.width,
            "samples": world.samples,
            "learning_rate": world.learning_rate,
        }
    )


def material(measured: Sequence[Measurement] | None = None, *printed: ClaimedTable) -> Material:
    """Those rows (the usual ones if none are given) with those tables."""
    return Material(
        paper=paper(*printed),
        spec=ReplicationSpec(id="cpu", paper="synthsaebench", experiments=(spec(),)),
        measurements=rows() if measured is None else measured,
        verdicts=(),
    )
