"""The linear map behind a graph's rows, computed without circuit-tracer, to hold its rows against.

With attention patterns and norm scales frozen, what a latent's encoder reads is a linear function
of the embeddings and of every MLP's output; where a transcoder has a linear path beside its
latents, what goes by that path is a function of what the MLP reads, and not an output. So the
contributions of all nodes and constants sum to the latent's pre-activation (Ameisen et al. 2025,
"Circuit Tracing", section 3).
"""

from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from harness.circuits.attributing import Traced
from harness.models.attention import frozen, patterns, tap_attention
from harness.models.hookpoints import Hookpoint
from harness.models.hooks import attach
from harness.models.language_model import LanguageModel
from harness.transcoders.sets import TranscoderSet
from harness.transcoders.transcoder import Transcoder


class Agreement(NamedTuple):
    """How a graph's rows compare with the map."""

    identity_error: float
    """Largest |contributions and constants − pre-activation|, over the largest pre-activation."""
    row_error: float
    """Largest |graph's entry − ours|, over the largest entry."""


class Flow(NamedTuple):
    """One prompt's pass through the linear map; MLP outputs and embeddings are its inputs."""

    embeddings: Float[Tensor, "1 seq d"]
    mlp_in: list[Float[Tensor, "1 seq d"]]
    mlp_out: list[Float[Tensor, "1 seq d"]]
    """Less what goes by the linear path of the layer's transcoder, where it has one."""

    def gradients(
        self, layer: int, position: int, encoder: Float[Tensor, " d"]
    ) -> tuple[Float[Tensor, "seq d"], Float[Tensor, "layers seq d"]]:
        """Of the encoder's product, with respect to embeddings and MLP outputs."""
        product = self.mlp_in[layer][0, position] @ encoder.to(self.embeddings.device)
        inputs = [self.embeddings, *self.mlp_out]
        embedded, *written = torch.autograd.grad(
            product, inputs, retain_graph=True, materialize_grads=True
        )
        return embedded[0].cpu(), torch.cat(written).cpu()


def agreement(
    lm: LanguageModel,
    transcoders: TranscoderSet,
    tokens: Int[Tensor, " seq"],
    traced: Traced,
    nodes: Sequence[int],
) -> Agreement:
    """Hold the graph's rows of some feature nodes against the map.

    What has no node of its own counts as a constant: biases, latents left out of the graph, and
    the MLPs at the first token.
    """
    with linearised(lm, transcoders, tokens) as flow:
        parts = _Parts.of(transcoders, traced, flow)
        found = [_hold(transcoders, traced, flow, parts, node) for node in nodes]
    identity, entry, pre_activation = (max(each) for each in zip(*found, strict=True))
    return Agreement(identity / pre_activation, entry / float(abs(traced.adjacency).max()))


@contextmanager
def linearised(
    lm: LanguageModel, transcoders: TranscoderSet, tokens: Int[Tensor, " seq"]
) -> Generator[Flow]:
    """A pass in which gradients flow through nothing but what is linear."""
    batch = tokens.to(lm.device)[None]
    saved = {layer: pattern.clone() for layer, pattern in patterns(lm, batch).items()}
    flow = Flow(lm.hf.get_input_embeddings()(batch).detach().requires_grad_(), [], [])

    def cut(out: Tensor) -> Tensor:
        layer = len(flow.mlp_out)
        skip = _skipped(transcoders.layers[layer], flow.mlp_in[layer])
        rest = out if skip is None else out - skip
        flow.mlp_out.append(rest.detach().requires_grad_())
        return flow.mlp_out[-1] if skip is None else flow.mlp_out[-1] + skip

    with ExitStack() as hooks, torch.enable_grad():
        hooks.enter_context(tap_attention(lm, frozen(saved)))
        for norm in _norms(lm):
            hooks.callback(norm.register_forward_hook(_freeze_scale).remove)
        for layer in range(lm.n_layers):
            hooks.callback(attach(lm, Hookpoint("mlp_in", layer), flow.mlp_in.append).remove)
            hooks.callback(attach(lm, Hookpoint("mlp_out", layer), cut).remove)
        lm.hf.base_model(inputs_embeds=flow.embeddings, use_cache=False)
        yield flow


class _Parts(NamedTuple):
    """What the nodes of a graph write, and what is written without a node."""

    features: Float[Tensor, "F d"]
    errors: Float[Tensor, "layers seq d"]
    rest: Float[Tensor, "layers seq d"]

    @classmethod
    def of(cls, transcoders: TranscoderSet, traced: Traced, flow: Flow) -> "_Parts":
        """MLP outputs in parts that sum to them."""
        places = torch.from_numpy(traced.features)
        decoders = [transcoders.layers[layer].W_dec[i] for layer, _p, i in places.tolist()]
        features = torch.stack(decoders) * torch.from_numpy(traced.activations)[:, None]
        written = torch.cat(flow.mlp_out).detach().cpu()
        inputs = torch.cat(flow.mlp_in).detach().cpu()
        explained = torch.stack(
            [
                each._replace(W_skip=None).decode(each.encode(x), x)
                for each, x in zip(transcoders.layers, inputs, strict=True)
            ]
        )
        explained[:, 0] = written[:, 0]
        nodes = torch.zeros_like(written)
        nodes.index_put_((places[:, 0], places[:, 1]), features, accumulate=True)
        return cls(features, written - explained, explained - nodes)


def _hold(
    transcoders: TranscoderSet, traced: Traced, flow: Flow, parts: _Parts, node: int
) -> tuple[float, float, float]:
    """Errors of the identity and of the entries, and the size of the pre-activation."""
    layer, position, latent = traced.features[node].tolist()
    transcoder = transcoders.layers[layer]
    embedded, written = flow.gradients(layer, position, transcoder.W_enc[latent])
    places = torch.from_numpy(traced.features)
    ours = torch.cat(
        [
            (written[places[:, 0], places[:, 1]] * parts.features).sum(-1),
            (written * parts.errors).sum(-1).flatten(),
            (embedded * flow.embeddings[0].detach().cpu()).sum(-1),
        ]
    )
    theirs = torch.from_numpy(traced.adjacency[node])[: len(ours)]
    bias = float(transcoder.b_enc[latent])
    pre = float(flow.mlp_in[layer][0, position].detach().cpu() @ transcoder.W_enc[latent]) + bias
    total = float(theirs.double().sum() + (written * parts.rest).double().sum()) + bias
    return abs(total - pre), float((theirs - ours).abs().max()), abs(pre)


def _skipped(
    transcoder: Transcoder, x: Float[Tensor, "1 seq d"]
) -> Float[Tensor, "1 seq d"] | None:
    """What goes by the linear path, as a function of what the MLP reads."""
    return None if transcoder.W_skip is None else x @ transcoder.W_skip.to(x.device).T


def _norms(lm: LanguageModel) -> list[nn.Module]:
    """All norms; those of queries and keys only shape the patterns, which are frozen."""
    return [each for each in lm.hf.modules() if type(each).__name__.endswith("RMSNorm")]


def _freeze_scale(norm: nn.Module, inputs: tuple[Any, ...], out: Tensor) -> Tensor:
    """The norm as the multiplication that it is once its scale is given.

    What an element is multiplied by does not show where it is 0, as dequantised weights often are;
    there it is taken from an element too small to change the scale.
    """
    x: Tensor = inputs[0]
    zero = x == 0
    if not bool(zero.any()):
        return x * (out / x).detach()
    small = _SMALL * x.square().mean(-1, keepdim=True).sqrt()
    probe = torch.where(zero, small, x).detach()
    return x * (norm.forward(probe) / probe).detach()


_SMALL = 1e-5
"""Of a token's root mean square."""
