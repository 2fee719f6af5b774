"""What a person does in the window, and what follows."""
