"""A two-layer attention model with an induction circuit that was written in by hand.

No training: every weight is 0 or stated here. The residual stream keeps one-hot codes side by side,
in subspaces of their own: the token, the token before it, what is predicted next, and the place.

- Head 0.1, the previous-token head: its query is the place one earlier, its key the place; it
  copies the token it finds into PREVIOUS.
- Head 1.2, the induction head: its query is the token, its key PREVIOUS, so it finds the tokens
  that followed the same token; a key that rises with the place makes the last of them win. It
  copies that token into NEXT, from which the logits are read. Where nothing matches it rests on the
  start token, which it does not copy, so that all words are equally likely.
- All other heads attend evenly to everything before them, and write nothing; the MLPs neither.

Two entries of +100 and -100 in every place, and a last one that makes every code sum to zero, keep
the layer norms from changing anything: all they see is the same mean and the same size.
"""

import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors
from torch import Tensor
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

from harness.models.language_model import LanguageModel, wrap_model
from harness.models.registry import ModelEntry

PREVIOUS_TOKEN_HEAD = (0, 1)
INDUCTION_HEAD = (1, 2)
N_LAYERS, N_HEADS, D_HEAD = 2, 4, 128

# fmt: off
WORDS = (
    " acorn", " anchor", " apple", " arrow", " badger", " barn", " basket", " birch", " bottle",
    " bridge", " candle", " castle", " cedar", " cloud", " copper", " daisy", " donkey",
    " feather", " fiddle", " garden", " hammer", " harbour", " island", " kettle", " ladder",
    " lantern", " marble", " meadow", " needle", " orchard", " pebble", " pepper", " rabbit",
    " river", " saddle", " thistle", " tunnel", " willow",
)
# fmt: on
"""Each is one token, its leading space included."""
BOS, UNKNOWN = "<bos>", "<unk>"
VOCABULARY = (BOS, UNKNOWN, *WORDS)

_V, _PLACES, _D = len(VOCABULARY), 128, N_HEADS * D_HEAD
_TOKEN, _PREVIOUS, _NEXT = range(_V), range(_V, 2 * _V), range(2 * _V, 3 * _V)
_PLACE = range(3 * _V, 3 * _V + _PLACES)
_BALLAST, _BALANCE = (_D - 3, _D - 2), _D - 1

_BALLAST_SIZE = 100.0
_MATCH, _NOTHING_MATCHES, _A_PLACE_LATER = 2000.0, 1000.0, 4.0
"""Attention scores. A match beats resting on the start token, which beats 127 places later."""
_A_PLACE_EARLIER = 40.0
_LOGIT = 10.0


def planted_induction(*, planted: bool = True) -> LanguageModel:
    """The model, which says what followed the last occurrence of a token (p = 0.998).

    Reads up to 128 tokens, the start token among them. With `planted=False` the two heads are as
    inert as all the others: the control.
    """
    hf = _silent_model()
    with torch.no_grad():
        _embed(hf)
        if planted:
            _plant_previous_token_head(hf)
            _plant_induction_head(hf)
    name = "planted-induction" if planted else "planted-nothing"
    return wrap_model(hf, _tokenizer(), entry=ModelEntry(id=name, source="path:none"), sha256=name)


def _silent_model() -> GPT2LMHeadModel:
    """All weights 0, but layer norms that give back what they get."""
    config = GPT2Config(
        vocab_size=_V,
        n_positions=_PLACES,
        n_embd=_D,
        n_layer=N_LAYERS,
        n_head=N_HEADS,
        n_inner=4,
        bos_token_id=0,
        eos_token_id=0,
        tie_word_embeddings=False,
    )
    hf = GPT2LMHeadModel(config)
    spread = _BALLAST_SIZE * (2 / _D) ** 0.5
    with torch.no_grad():
        for name, parameter in hf.named_parameters():
            parameter.fill_(spread if ".ln_" in name and name.endswith("weight") else 0.0)
    return hf


def _embed(hf: GPT2LMHeadModel) -> None:
    for token in range(_V):
        _write(hf.transformer.wte.weight[token], _TOKEN[token])
        hf.lm_head.weight[token, _NEXT[token]] = _LOGIT
    for place in range(_PLACES):
        _write(hf.transformer.wpe.weight[place], _PLACE[place])
        hf.transformer.wpe.weight[place, list(_BALLAST)] = torch.tensor(
            [_BALLAST_SIZE, -_BALLAST_SIZE]
        )


def _plant_previous_token_head(hf: GPT2LMHeadModel) -> None:
    q, k, v, o, _ = _head(hf, *PREVIOUS_TOKEN_HEAD)
    for place in range(_PLACES):
        k[_PLACE[place], place] = 1
        if place > 0:
            q[_PLACE[place], place - 1] = _score(_A_PLACE_EARLIER)
    for token in range(_V):
        v[_TOKEN[token], token] = 1
        _write(o[token], _PREVIOUS[token])


def _plant_induction_head(hf: GPT2LMHeadModel) -> None:
    q, k, v, o, q_bias = _head(hf, *INDUCTION_HEAD)
    for token in range(1, _V):
        q[_TOKEN[token], token] = _score(_MATCH)
        k[_PREVIOUS[token], token] = 1
        v[_TOKEN[token], token] = 1
        _write(o[token], _NEXT[token])
    rests, late = _V, _V + 1
    q_bias[rests] = _score(_NOTHING_MATCHES)
    k[_TOKEN[0], rests] = 1
    q_bias[late] = _score(_A_PLACE_LATER)
    k[list(_PLACE), late] = torch.arange(_PLACES).float()


def _head(
    hf: GPT2LMHeadModel, layer: int, head: int
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Views of W_Q, W_K, W_V [d_model, d_head], W_O [d_head, d_model] and b_Q [d_head]."""
    attention, columns = hf.transformer.h[layer].attn, slice(head * D_HEAD, (head + 1) * D_HEAD)
    q, k, v = (each[:, columns] for each in attention.c_attn.weight.split(_D, dim=1))
    return q, k, v, attention.c_proj.weight[columns], attention.c_attn.bias[:_D][columns]


def _write(row: Tensor, at: int) -> None:
    """A code that sums to zero, so that the mean which a layer norm takes off is none."""
    row[at] += 1
    row[_BALANCE] -= 1


def _score(wanted: float) -> float:
    return wanted * D_HEAD**0.5


def _tokenizer() -> PreTrainedTokenizerFast:
    """A word with its leading space is one token; the start token comes before every text."""
    numbers = {name: number for number, name in enumerate(VOCABULARY)}
    tokenizer = Tokenizer(models.WordLevel(numbers, unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"\s?\S+"), "isolated")
    tokenizer.decoder = decoders.Fuse()
    tokenizer.add_special_tokens([BOS, UNKNOWN])
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BOS} $A", special_tokens=[(BOS, 0)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token=BOS, eos_token=BOS, pad_token=BOS, unk_token=UNKNOWN
    )
