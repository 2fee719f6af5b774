"""Published data sets: found, downloaded, read. Nothing here needs Keras."""
