"""A training run: its settings, stages, folder and record."""
