"""What a patching experiment can be asked for."""

from collections.abc import Collection, Iterator, Sequence
from itertools import product
from typing import Annotated, Literal, Self

from pydantic import Field, PositiveInt, field_validator, model_validator

from harness.measurement import Condition, Quantity
from harness.problems import did_you_mean
from harness.record import HarnessError, Record
from harness.specs.experiment import Experiment, no_repeats

Variant = Literal["plain", "extra_subject", "extra_object"]
Component = Literal["resid_pre", "attn_out", "mlp_out", "z"]
Direction = Literal["denoise", "noise"]
Ablation = Literal["mean", "zero", "resample"]
Role = Literal["IO", "S1", "S1+1", "S2", "END"]
ClassName = Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")]


class HeadClass(Record):
    """Heads with one task: the `top` by what they do, found on prompts held apart."""

    by: Literal["direct_effect", "path", "backup"]
    """What they write for the answer; what they do through others' inputs; what they write more
    once others are ablated."""
    sign: Literal["positive", "negative"] = "positive"
    """Whether they favour the answer or the foil."""
    top: PositiveInt
    at: Role = "END"
    """Where they act: the place at which a circuit keeps them."""
    into: ClassName | None = None
    """The class that receives the path, or that is ablated."""
    through: Literal["q", "k", "v"] = "q"
    """The receivers' input, for `path`."""

    @model_validator(mode="after")
    def _receivers_are_named(self) -> Self:
        if (self.by == "direct_effect") != (self.into is None):
            need = "takes no" if self.by == "direct_effect" else "needs a"
            raise HarnessError(f"by {self.by} {need} class under `into`")
        return self


class PatchingSpec(Experiment):
    """Who gets the indirect object: which places, heads and circuits carry the answer."""

    family: Literal["patching"]
    task: Literal["ioi"] = "ioi"
    prompts: PositiveInt = 500
    """Prompts a seed that behaviour is measured on."""
    templates: PositiveInt | None = None
    """How many of the wordings are used; all where it is not said."""
    variants: tuple[Variant, ...] = ("plain",)
    """Wordings whose behaviour is measured; those with an extra mention confuse the task."""
    maps: tuple[Component, ...] = ()
    """What is patched at every layer and place, in prompts of one template; `z` is every head, at
    the last place."""
    directions: Annotated[tuple[Direction, ...], Field(min_length=1)] = ("denoise", "noise")
    map_pairs: PositiveInt = 50
    attribution: bool = True
    """Whether attribution patching is held against each exact map."""
    heads: dict[ClassName, HeadClass] = Field(default_factory=dict)
    """Classes of heads, each found after those above it; no head is in two."""
    head_templates: PositiveInt = 3
    """Wordings of the prompts that find heads and measure them; each needs many, for its means."""
    selection_prompts: PositiveInt = 48
    """Prompts a seed that find the heads and are never reported on."""
    head_prompts: PositiveInt = 120
    """Prompts a seed on which the heads found are measured."""
    knockouts: tuple[str, ...] = ()
    """Classes that are ablated, several joined by `+`."""
    circuit: tuple[ClassName, ...] = ()
    """Classes that make up the circuit."""
    ablation: Ablation = "mean"
    random_draws: PositiveInt = 5
    """Random sets of as many heads, and random circuits, that a control is the mean of."""

    @field_validator("variants", "maps", "directions", "knockouts", "circuit")
    @classmethod
    def _entries_differ(cls, values: tuple[object, ...]) -> tuple[object, ...]:
        return no_repeats(values)

    @model_validator(mode="after")
    def _classes_are_known(self) -> Self:
        known: list[str] = []
        for name, each in self.heads.items():
            if each.into is not None and each.into not in known:
                raise HarnessError(
                    f"heads.{name}.into: {each.into!r} is no class above it"
                    f"{did_you_mean(each.into, known)}"
                )
            known.append(name)
        for key, joined in (("knockouts", self.knockouts), ("circuit", self.circuit)):
            for name in (one for each in joined for one in each.split("+")):
                if name not in known:
                    raise HarnessError(f"{key}: no class {name!r}{did_you_mean(name, known)}")
        return self

    def produces(self, layers: Collection[int] = ()) -> Iterator[Quantity]:
        """Behaviour, what classes of heads do, ablations and the circuit; maps at `layers`."""
        yield from self._behaviour()
        yield from self._maps(layers)
        for name in self.heads:
            yield from self._class(name)
        yield from self._circuits()

    def _behaviour(self) -> Iterator[Quantity]:
        metrics = ("logit_difference", "answer_preferred", "answer_probability")
        for variant, metric in product(self.variants, metrics):
            where: dict[str, Condition] = {
                "model": self.model,
                "variant": variant,
                "ablated": "none",
            }
            yield Quantity(metric=metric, where=where)
            if variant == "plain":
                yield Quantity(metric=metric, where=where, control="unrelated_names")

    def _maps(self, layers: Collection[int]) -> Iterator[Quantity]:
        """Cells at roles; those at other tokens, and single heads, no claim can name."""
        base: dict[str, Condition] = {"model": self.model}
        if self.maps:
            yield Quantity(metric="informative_fraction", where=base)
        for component, direction in product(self.maps, self.directions):
            where: dict[str, Condition] = {
                **base,
                "component": component,
                "direction": direction,
            }
            if self.attribution:
                yield Quantity(metric="attribution_rank_correlation", where=where)
            for layer, place in product(() if component == "z" else layers, ("S2", "END")):
                cell: dict[str, Condition] = {**where, "layer": layer, "place": place}
                yield Quantity(metric="logit_difference_recovered", where=cell)

    def _class(self, name: str) -> Iterator[Quantity]:
        each = self.heads[name]
        base: dict[str, Condition] = {"model": self.model, "heads": name}
        wheres: list[tuple[str, dict[str, Condition]]] = []
        if each.at == "END":
            after = ("none", each.into) if each.by == "backup" else ("none",)
            wheres += [("direct_effect", {**base, "after": one}) for one in after if one]
            wheres += [("copy_top5", {**base, "sign": sign}) for sign in ("plus", "minus")]
            wheres += [("attention_write_correlation", base)]
        wheres += [
            ("attention_to", {**base, "from": each.at, "to": to}) for to in looked_at(each.at)
        ]
        for (metric, where), control in product(wheres, (None, "random_heads")):
            yield Quantity(metric=metric, where=where, control=control)

    def _circuits(self) -> Iterator[Quantity]:
        base: dict[str, Condition] = {"model": self.model, "ablation": self.ablation}
        for name, control in product(self.knockouts, (None, "random_heads")):
            where: dict[str, Condition] = {**base, "ablated": name}
            yield Quantity(metric="logit_difference_kept", where=where, control=control)
        if not self.circuit:
            return
        for control in (None, "random_circuit"):
            yield Quantity(metric="faithfulness", where=base, control=control)
        for name in self.circuit:
            for metric in ("completeness_gap", "minimality"):
                where = {**base, "without": name}
                yield Quantity(metric=metric, where=where)


def looked_at(place: str) -> Sequence[str]:
    """The places that attention from `place` is measured to."""
    before = ("IO", "S1", "S1+1", "S2")
    return before if place == "END" else before[: before.index(place)]
