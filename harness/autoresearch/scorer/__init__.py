"""Hands out activations, holds the truth, and measures what was trained. Runs no recipe."""
