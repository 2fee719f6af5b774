"""imagecap as a program of the desktop: in the start menu, and for picture files."""
