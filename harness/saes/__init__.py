"""Sparse autoencoders on synthetic worlds: trained, evaluated, explained.

The only place that knows SAELens' autoencoders.
"""
