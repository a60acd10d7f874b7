"""What can be wrong with a patching experiment, besides what its spec refuses."""

from collections.abc import Iterator

from harness.data.ioi_templates import TEMPLATES
from harness.specs import PatchingSpec


def patching_problems(experiment: PatchingSpec) -> Iterator[str]:
    """More wordings than there are."""
    for key in ("templates", "head_templates"):
        count: int | None = getattr(experiment, key)
        if count is not None and count > len(TEMPLATES):
            yield f"{key}: {count}; valid: 1 to {len(TEMPLATES)}"
