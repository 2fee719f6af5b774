"""The commands: the only place that prints, asks and exits."""
