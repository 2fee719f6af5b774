"""Caption files of every kind: read, written, and matched to pictures."""
