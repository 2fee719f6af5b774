"""A photograph in, captions out: the one class that serves every user of a model."""
