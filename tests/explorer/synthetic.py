"""A feed of many made-up papers, each replicated on many models, for tests of size and of search.

Everything is drawn from one seed. One paper and one claim hold words that stand nowhere else.
"""

import random
from collections import Counter

from harness.examine import Outcome
from harness.explorer.feed import (
    VERSION,
    ClaimOutcome,
    Execution,
    Feed,
    FeedClaim,
    FeedDeviation,
    FeedPaper,
    FeedReplication,
    Number,
    Weights,
)
from harness.explorer.tally import OUTCOMES

TOPICS = ("probing", "steering", "circuits", "sparse autoencoders", "attention", "superposition")
FAMILIES = ("probing", "patching", "steering", "attention", "sae_bench")
WORDS = (
    *("heads", "attend", "earlier", "tokens", "layer", "direction", "predicts", "truth"),
    *("sentiment", "logit", "lens", "steering", "vector", "raises", "lowers", "probe"),
    *("accuracy", "transfers", "latents", "fire", "subject", "object", "circuit", "ablation"),
)
RARE_PAPER, RARE_CLAIM = "zyzzyva", "quokka"


def synthetic_feed(papers: int = 50, models: int = 20, claims: int = 20) -> Feed:
    """A feed of `papers` × `models` replications; `claims` claims a paper."""
    draw = random.Random(0)
    made = [_paper(draw, place, claims) for place in range(papers)]
    return Feed(
        version=VERSION,
        repository=None,
        papers=tuple(made),
        replications=tuple(
            _replication(draw, paper, model) for paper in made for model in range(models)
        ),
        skipped=(),
    )


def _paper(draw: random.Random, place: int, claims: int) -> FeedPaper:
    rare = f" {RARE_PAPER}" if place == 7 else ""
    return FeedPaper.model_validate(
        {
            "id": f"paper-{place:02}",
            "title": f"{_sentence(draw, 8).capitalize()}{rare}",
            "authors": [f"Author {draw.randrange(60)}" for _ in range(4)],
            "year": 2020 + place % 6,
            "url": f"https://arxiv.org/abs/2400.{place:05}",
            "topics": draw.sample(TOPICS, 2),
            "models": ["gpt2"],
            "claims": [_claim(draw, place, number) for number in range(claims)],
        }
    )


def _claim(draw: random.Random, place: int, number: int) -> FeedClaim:
    rare = f" {RARE_CLAIM}" if (place, number) == (3, 2) else ""
    return FeedClaim(
        id=f"claim-{number}",
        statement=f"{_sentence(draw, 12)}{rare}.",
        scope="exact" if number % 4 == 3 else "general",
        section=f"sec. {number}",
        quote=_sentence(draw, 15),
        status="read",
        demands="at least 0.5",
        grounds=None,
        controls=(),
        printed=(),
    )


def _replication(draw: random.Random, paper: FeedPaper, model: int) -> FeedReplication:
    claims = tuple(_outcome(draw, claim) for claim in paper.claims)
    folder = f"replications/{paper.id}/model-{model:02}"
    return FeedReplication(
        paper=paper.id,
        id=f"model-{model:02}",
        authors=(),
        origins=(),
        models=(f"model-{model:02}-instruct",),
        families=(draw.choice(FAMILIES),),
        seeds=(0, 1, 2),
        summary="Some of the judged claims replicated.",
        counts=dict(Counter(each.outcome for each in claims)),
        claims=claims,
        deviations=(FeedDeviation(what="model", paper="gpt2", here="another", why="size"),),
        untested={},
        failures=(),
        execution=Execution(
            harness_version="0.1.0",
            commit="0" * 40,
            dirty=False,
            finished_utc="2026-01-01T00:00:00Z",
            devices=("cpu",),
            seconds=100.0,
            weights=(Weights(name=f"model-{model:02}", sha256="a" * 64, quantization=None),),
        ),
        folder=folder,
        files=("report.html", "replication.yaml", "tables/verdicts.csv"),
        thumbnail=None,
    )


def _outcome(draw: random.Random, claim: FeedClaim) -> ClaimOutcome:
    outcome: Outcome = draw.choice(OUTCOMES)
    mean = round(draw.random(), 3)
    text = f"{mean:.3f} [{mean - 0.1:.3f}, {mean + 0.1:.3f}]"
    number = Number(
        name="",
        quantity="accuracy",
        text=text,
        mean=mean,
        low=mean - 0.1,
        high=mean + 0.1,
        n=500,
        seeds=3,
    )
    measured = outcome != "not_tested"
    return ClaimOutcome(
        claim=claim.id,
        outcome=outcome,
        reason="must be at least 0.5" if measured else "left out",
        here=text if measured else "",
        numbers=(number,) if measured else (),
        controls=(),
    )


def _sentence(draw: random.Random, words: int) -> str:
    return " ".join(draw.choice(WORDS) for _ in range(words))
