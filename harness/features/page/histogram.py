"""Distribution of a feature's activations as a drawing inside the page."""

from harness.features.details import FeatureDetails
from harness.features.page.text import number

WIDTH, HEIGHT = 420, 120
_TOP, _FLOOR = 14, 98


def histogram(feature: FeatureDetails) -> str:
    """Positions by activation, without those at which it is 0; a sentence where it never fires."""
    if not feature.histogram:
        return '<p class="soft">It never fires on this corpus.</p>'
    words = (
        f"Histogram of {feature.active_tokens:,} activations "
        f"from {number(feature.act_min)} to {number(feature.act_max)}"
    )
    return (
        f'<svg class="histogram" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{words}">'
        f"{bars(feature.histogram)}"
        f'<line class="axis" x1="0" x2="{WIDTH}" y1="{_FLOOR}" y2="{_FLOOR}"/>'
        f'<text x="0" y="{HEIGHT - 7}">{number(feature.act_min)}</text>'
        f'<text class="middle" x="{WIDTH / 2:g}" y="{HEIGHT - 7}">activation</text>'
        f'<text class="end" x="{WIDTH}" y="{HEIGHT - 7}">{number(feature.act_max)}</text>'
        f'<text x="0" y="10">{max(feature.histogram):,.0f} tokens</text></svg>'
    )


def sparkline(feature: FeatureDetails) -> str:
    """The same without words, for a row of a table."""
    shape = bars(feature.histogram) if feature.histogram else ""
    box = f"0 {_TOP} {WIDTH} {_FLOOR - _TOP}"
    return (
        f'<svg class="sparkline" viewBox="{box}" preserveAspectRatio="none" aria-hidden="true">'
        f"{shape}</svg>"
    )


def bars(heights: tuple[float, ...]) -> str:
    """A bar a bin. One that holds anything is seen, however small."""
    step, most = WIDTH / len(heights), max(heights)
    parts: list[str] = []
    for place, height in enumerate(heights):
        if height > 0:
            tall = max(1.5, (_FLOOR - _TOP) * height / most)
            parts.append(
                f'<rect x="{place * step:.1f}" y="{_FLOOR - tall:.1f}" '
                f'width="{step - 1:.1f}" height="{tall:.1f}"/>'
            )
    return "".join(parts)
