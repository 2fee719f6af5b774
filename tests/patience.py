"""How long tests wait for what must come, on however busy a machine."""

PATIENCE_SECONDS = 120.0
"""Nobody waits for so long, unless it never comes."""
