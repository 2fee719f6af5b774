"""How far a model's captions can be trusted, measured."""
