"""Batches that networks learn from."""
