"""Improve sparse autoencoders by search, such that what is reported of it is true.

Three parties: a proposer edits a recipe, a cell runs it and sees activations alone, and a scorer
that holds the truth measures what comes out.
"""
