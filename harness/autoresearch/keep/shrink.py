"""A gain without the luck of having been selected: empirical Bayes over a campaign's trials."""

from collections.abc import Sequence
from statistics import fmean, variance


def shrunken(mean: float, standard_error: float, others: Sequence[tuple[float, float]]) -> float:
    """Expected true gain, where gains of trials are about normal around a common mean.

    `others` are mean and standard error of the campaign's other tested trials. With y all means,
    this one's among them, and s their standard errors, the prior has mean(y) and
    tau² = max(0, var(y) - mean(s²)), the unweighted estimator of moments (Hedges and Olkin 1985,
    "Statistical methods for meta-analysis", ch. 9), and the result is
    (tau² mean + s² mean(y)) / (tau² + s²) (Efron and Morris 1975, JASA 70:311). DerSimonian and
    Laird's weights, 1 / s², are not used: s of two or three pairs is now and then tiny by chance
    and gives one trial all the weight.

    Without others, or with a standard error of 0, the mean stays as it is. Changes that ruin a
    recipe make tau large, and then luck is taken out too little; a lone great gain among many that
    change nothing is shrunk too much.
    """
    assert standard_error >= 0, standard_error
    if not others or standard_error == 0:
        return mean
    means = [mean, *(each for each, _ in others)]
    noise = [standard_error**2, *(error**2 for _, error in others)]
    tau2 = max(0.0, variance(means) - fmean(noise))
    return (tau2 * mean + noise[0] * fmean(means)) / (tau2 + noise[0])
