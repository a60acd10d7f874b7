"""Synthetic worlds: built, sampled and described. The only place that knows SAELens' worlds."""
