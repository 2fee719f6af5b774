"""Picture files: found, read as upright RGB, and written with a caption."""
