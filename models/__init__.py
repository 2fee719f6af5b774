"""The model bundles that travel with the package; data only."""
