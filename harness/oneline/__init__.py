"""One question about one prompt or pair: thin shells over the pieces of the experiment families.

Each module computes a frozen record from a loaded model; `pictures` draws it. Nothing is judged
here: a single prompt is an illustration, not evidence.
"""
