"""Train a captioning model: `python train.py --help`."""

from imagecap.errors import ImagecapError
from imagecap.start import start


def main() -> None:
    """Train a captioning model."""
    try:
        from imagecap.commands.train import main as train
    except ModuleNotFoundError as error:
        raise ImagecapError(
            f"Training needs {error.name}: pip install 'imagecap[train]'."
        ) from error
    train()


if __name__ == "__main__":
    start(main)
