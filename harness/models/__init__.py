"""Language models: where they come from, their hookpoints, their activations.

Nothing here is imported eagerly; `registry`, `availability` and `hookpoints` need no torch.
"""
