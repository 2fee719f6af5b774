"""Files and folders as arguments of commands."""

from __future__ import annotations

from pathlib import Path

import click

# Whoever opens it says in one sentence why it cannot be read; click says it otherwise.
FILE_PATH = click.Path(path_type=Path, readable=False)
"""A path, which need not exist nor be readable."""
