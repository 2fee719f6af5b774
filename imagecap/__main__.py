"""`python -m imagecap` is the `imagecap` command."""

from imagecap.cli import main

if __name__ == "__main__":
    main(prog_name="imagecap")
