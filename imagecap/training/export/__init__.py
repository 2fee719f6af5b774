"""From trained networks to a model bundle."""
