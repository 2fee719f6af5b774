"""Every word the window says. An "&" stands before the letter that Alt picks."""

TITLE = "Image captions"

EMPTY = "Choose a picture to hear what is in it."
LOADING = "Loading the model…"
DESCRIBING = "Describing…"
SAVING = "Saving…"
COPIED = "Copied."
SAVED = "Saved as {name}."

OPEN = "&Open…"
SPEAK = "&Speak"
STOP = "S&top"
COPY = "&Copy caption"
SAVE = "Sa&ve speech…"
QUIT = "&Quit"
SPEAK_AUTOMATICALLY = "Speak &automatically"
FILE = "&File"
CAPTION = "&Caption"

OPEN_TITLE = "Choose a picture"
SAVE_TITLE = "Save the caption as speech"
PICTURES = "Pictures"
ALL_FILES = "All files"
WAV_FILES = "WAV sound"

UNEXPECTED = "Something went wrong that was not foreseen: {error}."
NOT_INSTALLED = (
    "A part of the program is missing: {name}. "
    "Install what it needs with: pip install ."
)
NO_TKINTER = (
    "The window needs Tkinter, which is not installed: sudo apt install python3-tk. "
    "Without it: imagecap caption photo.jpg"
)
NO_SCREEN = (
    "There is no screen to show a window on. Without one: imagecap caption photo.jpg"
)
