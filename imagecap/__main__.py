"""`python -m imagecap` is the `imagecap` command."""

from imagecap.commands.main import main

if __name__ == "__main__":
    main(prog_name="imagecap")
