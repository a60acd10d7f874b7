"""Agents as proposers: a driver edits a recipe, one turn a trial, metered and in a cell."""
