"""Going on with a finished model as it ships, on few pictures of a person's own."""
