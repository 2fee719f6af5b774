"""Train a captioning model: `python train.py --help`."""

from imagecap.training.command import main

if __name__ == "__main__":
    main()
