"""Train a captioning model: `python train.py --help`."""

from imagecap.commands.train import main

if __name__ == "__main__":
    main()
