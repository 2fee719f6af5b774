"""What the window has done for it beside its own thread."""
