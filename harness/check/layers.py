"""How many layers a model has, as far as that can be told without loading it."""

from harness.models.registry import folder, resolve
from harness.record import parse_json, read_text
from harness.specs.worlds import WORLDS


def layer_count(model: str) -> int | None:
    """Blocks of a model in a local folder; 0 for a world; `None` where only loading would tell."""
    if model in WORLDS:
        return 0
    entry = resolve(model)
    file = folder(entry) / "config.json"
    if not (entry.source.startswith("path:") and file.is_file()):
        return None
    config = parse_json(read_text(file), file)
    return config.get("num_hidden_layers", config.get("n_layer"))
