"""Train a captioning model: `python train.py --help`."""

from imagecap.commands.start_training import start

if __name__ == "__main__":
    start()
