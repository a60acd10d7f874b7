"""What changing each supernode costs the answer, beside random latents of equal activation."""

from collections.abc import Iterator

from harness.report.figures.beside import beside
from harness.report.figures.style import Drawing
from harness.report.material import Material, Setting
from harness.report.wording import words

METRIC = "answer_log_probability_lost"
RUN_TITLES = {"replacement": "attention frozen", "original": "nothing frozen"}
"""What the condition `run` means, as a panel says it."""
RANDOM = "random latents of equal activation"


def intervention_effects(material: Material) -> Iterator[Drawing]:
    """One figure an experiment that changed supernodes on prompts with a known answer."""
    found = [each for each in material.settings if each.metric == METRIC]
    for experiment in dict.fromkeys(each.experiment for each in found):
        own = [
            each
            for each in found
            if each.experiment == experiment and each.conditions["intervention"] != "none"
        ]
        panels = {
            title: [each for each in own if each.conditions["run"] == run]
            for run, title in RUN_TITLES.items()
        }
        names = {None: "the supernode", "random_features": RANDOM}
        axis = "log probability that the answer loses (nats)"
        figure = beside(panels, _label, axis=axis, names=names)
        yield Drawing(f"interventions.{experiment}", _CAPTION.format(experiment), figure)


_CAPTION = (
    "What changing a supernode's latents costs the answer, experiment {}. Left: the replacement "
    "model, with attention patterns as on the clean prompt; right: the original model. Swap: the "
    "supernode that stands for the entity is taken out and another prompt's put in. Grey: random "
    "latents, active on the prompt at the same tokens, changed likewise. Bars are 95 % intervals."
)


def _label(setting: Setting) -> str:
    return words(str(setting.conditions["intervention"]))
