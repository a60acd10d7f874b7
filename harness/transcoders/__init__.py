"""Transcoders: trained on cached activations, kept in circuit-tracer's format, loaded and checked.

Knows the format on disk and no attribution: `circuits/` makes graphs with them.
"""
