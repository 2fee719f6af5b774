"""What captions get wrong, and why."""
