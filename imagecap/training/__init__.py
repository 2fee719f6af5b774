"""From captioned photographs to a model bundle. The only part that imports Keras."""
