"""Which latents make a supernode, by one rule for every prompt, and random latents to match."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from harness.circuits.attributing import Traced
from harness.circuits.changes import Place
from harness.experiments.circuit_tracing.prompts import Family
from harness.specs.circuit_tracing import Facts
from harness.transcoders.sets import TranscoderSet

SHARED = 0.5
"""From this share of other prompts on, a latent is shared with them."""
_NEAREST = 5
"""Random latents are drawn among so many of the nearest in activation."""


class Member(NamedTuple):
    """A latent with its activation on the prompt."""

    place: Place
    activation: float


Supernodes = Mapping[str, tuple[Member, ...]]


def find_supernodes(
    task: Facts, family: Family, number: int, traced: Traced, size: int
) -> Supernodes:
    """The `size` latents of most influence that the rule assigns to each supernode; maybe none."""
    sharing = _Sharing(family, number)
    found: dict[str, list[Member]] = {name: [] for name in task.supernodes}
    count = len(traced.features)
    for node in (-traced.influence[:count]).argsort(kind="stable").tolist():
        layer, position, latent = traced.features[node].tolist()
        name = _name(task, sharing, (layer, position, latent))
        if name is not None and len(found[name]) < size:
            member = Member((layer, position, latent), float(traced.activations[node]))
            found[name].append(member)
    return {name: tuple(members) for name, members in found.items()}


class _Sharing:
    """Which share of other prompts a latent is active on, at the same role."""

    def __init__(self, family: Family, number: int) -> None:
        self.roles = family.facts[number].roles
        answers = torch.tensor([fact.answer for fact in family.facts])
        same = answers == answers[number]
        self._different = ~same
        self._same = same.clone()
        self._same[number] = False
        self._active = family.active
        self._carried = family.carried[number]

    def others(self, role: str, layer: int, latent: int) -> float:
        """Among prompts of other answers."""
        return float(self._active[role][self._different, layer, latent].float().mean())

    def alike(self, role: str, layer: int, latent: int) -> float:
        """Among other prompts of the same answer."""
        return float(self._active[role][self._same, layer, latent].float().mean())

    def elsewhere(self, layer: int, latent: int) -> float:
        """At the last token, among prompts that ask something else of the same subject."""
        return float(self._carried[layer, latent])


def _name(task: Facts, sharing: _Sharing, place: Place) -> str | None:
    layer, position, latent = place
    roles = {at: role for role, at in sharing.roles.items()}
    role = "END" if position == sharing.roles["END"] else roles.get(position)
    match role:
        case "relation" | "hop":
            return role
        case "END":
            carried = sharing.elsewhere(layer, latent) >= SHARED
            if sharing.others("END", layer, latent) >= SHARED:
                return None if carried else "output"
            return task.swapped if carried else "answer"
        case "subject":
            if sharing.others("subject", layer, latent) >= SHARED:
                return None
            if task.steps == "two_step" and sharing.alike("subject", layer, latent) < SHARED:
                return "subject"
            return task.swapped
        case _:
            return None


def random_members(
    transcoders: TranscoderSet,
    active: Sequence[Float[Tensor, "seq latents"]],
    members: Sequence[Member],
    source: torch.Generator,
) -> tuple[Member, ...]:
    """For each latent another one that is active at its token and layer, about as strongly.

    How strongly is activation times the length of the decoder's row: what is taken away when it is
    set to a multiple. Where too few are active in that layer, those that there are.
    """
    taken = {member.place for member in members}
    drawn: list[Member] = []
    for (layer, position, latent), activation in members:
        norms = transcoders.layers[layer].W_dec.norm(dim=1)
        written: list[float] = (active[layer][position] * norms).tolist()
        others = [
            other
            for other, size in enumerate(written)
            if size != 0 and (layer, position, other) not in taken
        ]
        wanted = activation * float(norms[latent])
        distance = [abs(size - wanted) for size in written]
        others.sort(key=distance.__getitem__)
        if others:
            nearest = others[:_NEAREST]
            pick = nearest[int(torch.randint(len(nearest), (), generator=source))]
            taken.add((layer, position, pick))
            drawn.append(Member((layer, position, pick), float(active[layer][position, pick])))
    return tuple(drawn)
