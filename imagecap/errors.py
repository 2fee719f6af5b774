"""The one base of every error that a person may see."""


class ImagecapError(Exception):
    """Something went wrong that a person can understand and act on.

    The message is one clear sentence: what is wrong, with which file, what to do.
    The command line prints it and the window shows it, never a traceback.
    """
