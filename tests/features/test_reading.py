import numpy as np
import pytest
import torch

from harness.features import reading
from harness.features.chosen import choose
from harness.features.corpus import Corpus
from harness.features.reading import read
from harness.models.hookpoints import Hookpoint
from harness.models.hooks import capture, hooked_modules
from harness.models.language_model import LanguageModel
from harness.transcoders.sets import TranscoderSet


@pytest.mark.parametrize("cells", [1, 24 * 20, 1 << 24])
def test_batches_equal_one_plain_forward_a_window(
    lm: LanguageModel,
    planted: TranscoderSet,
    corpus: Corpus,
    cells: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading, "MOST_CELLS", cells)
    chosen = [choose(planted.layers, 2, [3, 1]), choose(planted.layers, 0)]
    seen_windows: list[int] = []
    for seen in read(lm, corpus, chosen):
        for row, window in enumerate(seen.windows.tolist()):
            seen_windows.append(window)
            points = [Hookpoint("mlp_in", each.layer) for each in chosen]
            with torch.inference_mode(), capture(lm, points) as at:
                lm.hf(torch.tensor([corpus.windows[window]]))
            length = seen.lengths[row]
            assert length == len(corpus.windows[window]) - 1
            for each, point, found in zip(chosen, points, seen.activations, strict=True):
                plain = each.transcoder.encode(at[point][0, 1:])[:, list(each.indices)]
                assert np.abs(found[row, :length] - plain.numpy()).max() < 1e-4
                assert not found[row, length:].any()
    assert sorted(seen_windows) == list(range(len(corpus.windows)))
    assert not hooked_modules(lm.hf)


def test_progress_ends_at_the_number_of_windows(
    lm: LanguageModel, planted: TranscoderSet, corpus: Corpus
) -> None:
    told: list[tuple[int, int]] = []
    chosen = [choose(planted.layers, 0)]
    list(read(lm, corpus, chosen, lambda _step, done, total: told.append((done, total))))
    assert told[-1] == (len(corpus.windows), len(corpus.windows))
