"""Every figure of a report, in the order in which it shows them."""

from collections.abc import Sequence
from itertools import chain

from harness.report.comparison import Comparison
from harness.report.figures.ablations import ablations
from harness.report.figures.angles import angle_by_layer
from harness.report.figures.attribution_graph import attribution_graphs
from harness.report.figures.clouds import cloud_panels
from harness.report.figures.cosine_maps import cosine_maps
from harness.report.figures.diagnostics import hierarchy, recovery
from harness.report.figures.dose_response import dose_response
from harness.report.figures.effect_agreement import effect_agreement
from harness.report.figures.forest import forest
from harness.report.figures.graph_scores import graph_scores
from harness.report.figures.head_maps import head_maps
from harness.report.figures.intervention_effects import intervention_effects
from harness.report.figures.layers import accuracy_by_layer
from harness.report.figures.leaderboard import leaderboard
from harness.report.figures.patching_maps import patching_maps
from harness.report.figures.score_planes import score_planes
from harness.report.figures.splits import split_comparison
from harness.report.figures.steering_effects import steering_effects
from harness.report.figures.style import Drawing, drawing
from harness.report.figures.supernode_matrix import supernode_matrix
from harness.report.figures.transcoder_layers import transcoder_layers
from harness.report.figures.transfer import transfer_matrices
from harness.report.material import Material


def draw_figures(material: Material, compared: Sequence[Comparison]) -> list[Drawing]:
    """Draw what the measurements allow; what was not measured has no figure."""
    with drawing():
        return list(
            chain(
                forest(material),
                transfer_matrices(compared),
                accuracy_by_layer(material),
                angle_by_layer(material),
                cloud_panels(material),
                split_comparison(material),
                head_maps(material),
                ablations(material),
                patching_maps(material),
                dose_response(material),
                steering_effects(material),
                leaderboard(material),
                score_planes(material),
                hierarchy(material),
                recovery(material),
                cosine_maps(material),
                attribution_graphs(material),
                intervention_effects(material),
                supernode_matrix(material),
                effect_agreement(material),
                graph_scores(material),
                transcoder_layers(material),
            )
        )
