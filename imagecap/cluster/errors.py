"""What can be wrong with a run over many pictures."""

from imagecap.errors import ImagecapError


class ClusterError(ImagecapError):
    """A run cannot begin, or not go on."""
