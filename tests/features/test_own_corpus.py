from harness.features.corpus import own_corpus
from harness.models.language_model import LanguageModel
from harness.specs.transcoders import CorpusPart, TranscoderRecipe
from harness.transcoders.corpus import CorpusUsed
from harness.transcoders.manifest import TranscoderManifest


def _manifest(*parts: CorpusPart) -> TranscoderManifest:
    recipe = TranscoderRecipe(
        id="tiny", model="tiny", latents=8, k=2, corpus=parts, window=64, epochs=1, note=""
    )
    used = CorpusUsed(sha256="", tokens={}, heldout_tokens=0, packages={})
    return TranscoderManifest(
        recipe=recipe, model_sha256="", corpus=used, layers=(), packages={}, device="cpu"
    )


def test_a_sets_own_corpus_is_read_in_its_shares_without_what_the_model_says(
    lm: LanguageModel,
) -> None:
    told: list[str] = []
    manifest = _manifest(
        CorpusPart(source="facts", tokens=6000), CorpusPart(source="samples", tokens=6000)
    )
    found = own_corpus(
        lm, manifest, tokens=1500, progress=lambda step, _done, _total: told.append(step)
    )
    assert found.name == "tiny: facts"
    assert 1500 <= found.n_tokens < 1500 + 64
    assert found.context == 64
    assert set(told) == {"reading facts"}
    assert len(set(found.windows)) == len(found.windows)


def test_a_corpus_of_fewer_tokens_than_are_asked_for_is_read_whole(lm: LanguageModel) -> None:
    manifest = _manifest(CorpusPart(source="facts", tokens=1000))
    assert own_corpus(lm, manifest, tokens=10**6).n_tokens < 1000 + 64


def test_what_the_model_says_is_read_where_there_is_nothing_else(lm: LanguageModel) -> None:
    found = own_corpus(lm, _manifest(CorpusPart(source="samples", tokens=200)), tokens=100)
    assert found.name == "tiny: samples"
    assert found.n_tokens >= 100
