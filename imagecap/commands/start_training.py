"""What train.py starts: its command line, once Keras is ready."""

from __future__ import annotations

import sys

from imagecap.commands.console import tell_error
from imagecap.training.keras_ready import KerasError, keras_ready


def start() -> None:
    """Run the command line of train.py and end this program."""
    try:
        with keras_ready():
            # The options are made of what the networks are, and these of Keras.
            from imagecap.commands.train import main

            main()
    except KerasError as error:
        tell_error(error)
        sys.exit(1)
