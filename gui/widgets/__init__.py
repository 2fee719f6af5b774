"""The widgets; none of them knows what it is used for."""
