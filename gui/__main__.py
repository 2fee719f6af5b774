"""Opens the window, as `python -m gui` and, installed, `python -m imagecap.gui`."""

from imagecap.start import start


def main() -> int:
    """Open the window, with the pictures that the command line names."""
    from .app import main as open_window

    return open_window()


if __name__ == "__main__":
    start(main)
