"""Train a captioning model: `python train.py --help`."""

from imagecap.start import start


def main() -> None:
    """Train a captioning model."""
    from imagecap.commands.start_training import start as start_training

    start_training()


if __name__ == "__main__":
    start(main)
