"""The bag-of-words control: what word counts alone tell of the truth of a statement."""

from collections.abc import Sequence

import torch
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from torch import Tensor

from harness.experiments.probing.rows import Rows, Split


def word_scores(
    split: Split, train: Sequence[Rows], tests: Sequence[Rows], seeds: tuple[int, ...]
) -> list[Tensor]:
    """Scores [S, rows] of each test set by logistic regression on unigram counts, same folds."""
    scores = [torch.zeros(len(seeds), len(test.texts)) for test in tests]
    texts = [text for rows in train for text in rows.texts]
    labels = torch.cat([rows.labels for rows in train])
    for s, seed in enumerate(seeds):
        folds = torch.cat([split.folds(rows, seed) for rows in train])
        for fold in range(split.n_folds):
            kept = (folds != fold).nonzero().flatten().tolist()
            model = make_pipeline(CountVectorizer(), LogisticRegression(max_iter=1000))
            model.fit([texts[i] for i in kept], labels[kept].numpy())
            for test, into in zip(tests, scores, strict=True):
                mine = (split.folds(test, seed) == fold).nonzero().flatten().tolist()
                if mine:
                    found = model.decision_function([test.texts[i] for i in mine])
                    into[s, mine] = torch.from_numpy(found).float()
    return scores
