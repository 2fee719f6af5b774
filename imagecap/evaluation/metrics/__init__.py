"""Scores of captions, each as papers define it."""
