"""A model bundle at work: from pixels to captions, on LiteRT."""
