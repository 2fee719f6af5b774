"""Words: split, numbered, and known by kind."""
