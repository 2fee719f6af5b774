"""The `imagecap` command, which `python -m imagecap` is, too."""

from typing import NoReturn

from imagecap.start import start


def main() -> NoReturn:
    """Run the command."""
    start(_run)


def _run() -> None:
    from imagecap.commands.main import main as imagecap

    imagecap(prog_name="imagecap")


if __name__ == "__main__":
    main()
