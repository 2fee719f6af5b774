"""The captions that a person keeps, and whole folders captioned into it."""
