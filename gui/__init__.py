"""The window: a picture, what is in it, and a voice that reads it."""
