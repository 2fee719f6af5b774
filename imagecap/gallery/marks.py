"""Files with a mark that tells whether anybody has changed them since."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from imagecap.files import read_ordinary

_MARK = "Made by imagecap, which replaces it while nobody changes it: {}"
# How comments begin and end, by the ending of the file's name.
_COMMENTS = {
    ".html": ("<!-- ", " -->"),
    ".css": ("/* ", " */"),
    ".js": ("/* ", " */"),
}


def marked(name: str, content: str) -> bytes:
    """Return the content of a file with a mark as its last line.

    Args:
        name: The file's name, which ends in `.html`, `.css` or `.js`.
        content: The rest of it.
    """
    begin, end = _COMMENTS[Path(name).suffix]
    body = content.rstrip("\n") + "\n"
    digest = hashlib.sha256(body.encode()).hexdigest()
    return f"{body}{begin}{_MARK.format(digest)}{end}\n".encode()


def is_unchanged(file: Path) -> bool:
    """Tell whether a file is as `marked` has made it.

    Raises:
        OSError: If it cannot be read.
    """
    content = read_ordinary(file)
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return False
    body = re.sub(r"[^\n]*\n\Z", "", text)
    return marked(file.name, body) == content
