"""SAEs of a benchmark beside those that the paper prints, gathered from rows and tables.

Owns what a leaderboard is made of; figures and tables only show it.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from harness.estimate import Estimate
from harness.measurement import Condition
from harness.paper import Cell, PaperSpec
from harness.report.material import Material, Setting
from harness.report.wording import joined
from harness.specs.worlds import WORLDS, resolve_world

_OF_ONE_SAE = {"model", "architecture", "relative_l0", "l0", "width"}
"""Conditions of a row about a whole SAE; diagnostics have one more."""


class Sae(NamedTuple):
    """One architecture at one wanted L0, its scores estimated over the SAEs of all seeds."""

    architecture: str
    relative_l0: float
    """Wanted, as a multiple of the world's own."""
    l0: float
    """Wanted active latents."""
    scores: Mapping[str, Estimate]
    """By metric; what was not measured is absent."""

    @property
    def measured_relative_l0(self) -> float:
        """As measured; as wanted where nobody counted."""
        if "sae_l0" not in self.scores:
            return self.relative_l0
        return self.scores["sae_l0"].mean * self.relative_l0 / self.l0


class Published(NamedTuple):
    """One SAE of the paper's tables."""

    model: str
    architecture: str
    relative_l0: float
    l0: float
    values: Mapping[str, float]
    """By metric."""


class Bench(NamedTuple):
    """What the judged experiments on one world found together, or another experiment alone."""

    experiments: tuple[str, ...]
    model: str
    """The world."""
    world_l0: float
    """Active features among as many of the most frequent as an SAE has latents: relative L0 1."""
    saes: tuple[Sae, ...]
    controls: Mapping[str, tuple[Sae, ...]]
    diagnostics: tuple[Setting, ...]
    """Rows by hierarchy depth or frequency band."""
    ceiling: Estimate | None
    """F1 of supervised probes."""
    published: tuple[Published, ...]
    """Of the architectures that were trained here, on the world of the paper's set-up."""

    @property
    def name(self) -> str:
        """For its figures."""
        return self.experiments[0] if len(self.experiments) == 1 else self.model

    @property
    def origin(self) -> str:
        """What a caption calls the experiments."""
        return f"experiment{'s' * (len(self.experiments) > 1)} {joined(self.experiments)}"

    @property
    def architectures(self) -> list[str]:
        """In the order of the experiment."""
        return list(dict.fromkeys(each.architecture for each in self.saes))

    @property
    def seeds(self) -> int:
        """SAEs behind an estimate, at most."""
        return max(got.seeds for sae in self.saes for got in sae.scores.values())

    def of(self, architecture: str) -> list[Sae]:
        """Its SAEs, from the sparsest to the densest."""
        own = [each for each in self.saes if each.architecture == architecture]
        return sorted(own, key=lambda each: each.relative_l0)

    def nearest_l0(self, architecture: str) -> float:
        """The wanted L0 nearest to the world's own, relative to it."""
        return min((each.relative_l0 for each in self.of(architecture)), key=lambda x: abs(x - 1))

    def diagnosed(self, metric: str, architecture: str, along: str) -> dict[int, Estimate]:
        """A diagnostic of the SAE nearest to the world's L0, by depth or band."""
        found = {
            int(number(each.conditions[along])): each.estimate
            for each in self.diagnostics
            if (each.metric, each.conditions["architecture"]) == (metric, architecture)
            and along in each.conditions
            and each.conditions["relative_l0"] == self.nearest_l0(architecture)
        }
        return dict(sorted(found.items()))


def number(condition: Condition) -> float:
    """A condition that is a number by its nature."""
    assert not isinstance(condition, str), condition
    return float(condition)


def benches(material: Material) -> list[Bench]:
    """One a world, of the judged experiments on it; the others each by itself."""
    judged = {each.id for each in material.spec.experiments if each.judged}
    groups: dict[str, dict[str, None]] = {}
    for each in material.settings:
        if each.control is None and _is_whole(each):
            world = f"world {each.conditions['model']}"
            key = world if each.experiment in judged else each.experiment
            groups.setdefault(key, {})[each.experiment] = None
    return [_bench(material, tuple(experiments)) for experiments in groups.values()]


def published(paper: PaperSpec) -> list[Published]:
    """Every SAE of which a table of the paper says the architecture and the L0.

    A second number for the same metric of the same SAE makes a second entry: sources may differ.
    """
    found: list[Published] = []
    for cell in (cell for table in paper.tables for cell in table.cells):
        printed = _printed(paper, cell)
        if printed is None:
            continue
        for place, known in enumerate(found):
            if known[:4] == printed[:4] and not known.values.keys() & printed.values.keys():
                found[place] = known._replace(values={**known.values, **printed.values})
                break
        else:
            found.append(printed)
    return found


def _printed(paper: PaperSpec, cell: Cell) -> Published | None:
    where = cell.quantity.where
    model = str(where.get("model", paper.setup.models[0]))
    if model not in WORLDS or "architecture" not in where or not {"l0", "relative_l0"} & set(where):
        return None
    own = resolve_world(model).l0
    l0 = number(where["l0"]) if "l0" in where else number(where["relative_l0"]) * own
    values = {cell.quantity.metric: cell.value}
    return Published(model, str(where["architecture"]), l0 / own, l0, values)


def _is_whole(setting: Setting) -> bool:
    return set(setting.conditions) == _OF_ONE_SAE


def _bench(material: Material, experiments: tuple[str, ...]) -> Bench:
    own = [each for each in material.settings if each.experiment in experiments]
    whole = [each for each in own if _is_whole(each)]
    real = tuple(_saes(each for each in whole if each.control is None))
    controls = dict.fromkeys(each.control for each in whole if each.control is not None)
    trained = {each.architecture for each in real}
    return Bench(
        experiments=experiments,
        model=str(whole[0].conditions["model"]),
        world_l0=number(whole[0].conditions["l0"]) / number(whole[0].conditions["relative_l0"]),
        saes=real,
        controls={name: tuple(_saes(e for e in whole if e.control == name)) for name in controls},
        diagnostics=tuple(e for e in own if e.control is None and set(e.conditions) > _OF_ONE_SAE),
        ceiling=next((each.estimate for each in own if each.metric == "probe_f1"), None),
        published=tuple(
            each
            for each in published(material.paper)
            if each.architecture in trained and each.model in material.paper.setup.models
        ),
    )


def _saes(settings: Iterable[Setting]) -> Iterator[Sae]:
    groups: dict[tuple[str, float, float], dict[str, Estimate]] = {}
    for each in settings:
        where = each.conditions
        key = str(where["architecture"]), number(where["relative_l0"]), number(where["l0"])
        groups.setdefault(key, {})[each.metric] = each.estimate
    for (architecture, relative_l0, l0), scores in groups.items():
        yield Sae(architecture, relative_l0, l0, scores)
