"""Names and numbers that the harness and a recipe's process share."""

ACTIVATIONS, ANSWERS = "activations", "answers"
"""Pipes."""
CONTRACT, WEIGHTS = "contract.json", "weights.safetensors"
READY = b"r"
"""First byte of the answers: nothing of the recipe has run, and everything else is there."""
MEMORY, MALFORMED = 83, 84
"""Exit codes."""
HEADER = "<qq"
"""Of an answer: rows, and latents that are active in them."""
