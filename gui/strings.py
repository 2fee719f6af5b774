"""Every word the window says. An "&" stands before the letter that Alt picks."""

TITLE = "Image captions"
TITLE_OF = "{name} – Image captions"

# What is going on.
EMPTY = "Open or paste a picture\nto hear what is in it."
EMPTY_WITH_DROP = "Open, drop or paste a picture\nto hear what is in it."
NOTHING_SHOWN = "The search finds no picture.\nEscape in its field shows all again."
CANNOT_BE_SHOWN = "This picture cannot be shown."
LOADING = "Loading the model…"
DESCRIBING = "Describing…"
SAVING = "Saving…"
COPIED = "Copied."
COMMAND_COPIED = "Copied: {command}"
SAVED = "Saved as {name}."
WITHOUT_CAPTION = "Open pictures without one: {missing:,}; F5 captions them."
EXPORTED = "Saved {captions} as {name}."
EXPORTED_SOME = EXPORTED + " " + WITHOUT_CAPTION
GIVEN = "Saved the captions of {pictures} {where}."
GIVEN_WHERE = {
    "sidecar": "as text beside each",
    "xmp": "as XMP beside each",
    "copies": "in copies in {folder}",
}
TAKEN = "Took {captions} from the pictures."
IMPORTED = "Took {captions}. Kept {kept:,} that you wrote here."
TEXTS_TAKEN = "Captions taken from text files beside the pictures: {count:,}."
PLACE = "{place:,} of {count:,}"
PLACE_SAID = "Picture {place:,} of {count:,}, {name}."
LAST_ONE = "That was the last picture."
FIRST_ONE = "That was the first picture."
ZOOMED = "Zoom {percent:,} %"
ZOOMED_OUT = "The whole picture"
TEXT_SIZE_IS = "Text size {percent} %"
THUMBNAILS_ARE = "Thumbnails {percent} %"
THEME_IS = {True: "Dark theme", False: "Light theme"}
DETAILS = "by the model “{model}”"
BY_YOU = "your words"
ACCEPTED = "accepted by you"
WORD = "“{word}”: {percent} % sure"
WORD_SAID = "{word}, {percent} percent"
NOT_FOUND = "Nothing found for “{text}”."
NOT_CAPTIONED_YET = "Without a caption yet: {pictures}; F5 captions what is left."
WITHOUT_ONE_YET = "Without a caption yet: {pictures}."
FOUND = "{count:,} of {pictures}"
FOUND_EVERYWHERE = "{pictures} in the library"
FOUND_LIKE = "{pictures} like {name}, the most alike first"
NOTHING_LIKE = "The library has no other picture to compare with."
NO_ATTENTION = (
    "This model does not tell where it looked. Choose one with attention (Ctrl+,)."
)
EDITING = "Enter keeps your words, Escape leaves the caption as it was."
WRITTEN = "Kept."
TAKEN_BACK = "Your words are gone; the model's count again."
UNDONE = "Undone: {name}."
NOTHING_TO_UNDO = "Nothing to undo: with these pictures nothing was done here."
NOTHING_TO_REDO = "Nothing was undone that could be done again."
REDONE = "Done again: {name}."
OTHERS_STAY = "Another window has changed {captions} meanwhile; these stay."
REDO_REPLACES = "“Redo” in the menu makes your change all the same."
NO_PICTURES = "There are no pictures in {folder}."
LEFT_OUT = "Left out: {count:,}. {first}"
NOT_A_PATH = "“{text}” is no file here; copy a picture or the path of one."
NOTHING_TO_PASTE = "There is no picture to paste; copy one first."
CLIPBOARD_PROGRAM = (
    "Pictures cannot be pasted here before xclip or wl-clipboard is installed: "
    "sudo apt install xclip"
)
PASTED_NAME = "pasted.png"

NOT_DONE_IN_TIME = (
    "The window could not wait longer for the library of captions; what was written "
    "last may not be kept. See whether another program holds the library."
)

# The library in a browser.
OPENING_BROWSER = "Opening the browser…"
IN_BROWSER = "The browser shows the library, as long as this window is open."
NO_BROWSER = "No browser could be opened; the library is at {address}"
NO_PAGES = "The pages for the browser could not be made; try again."

# A whole folder.
CAPTIONING = "Captioned {done:,} of {total:,}"
PER_SECOND = "{speed:.0f} per second"
SECONDS_LEFT = "{seconds} s left"
MINUTES_LEFT = "{minutes} min {seconds} s left"
HOURS_LEFT = "{hours} h {minutes} min left"
FAILED_SO_FAR = "{failed:,} failed"
PAUSED = "paused"
CANCELLED = "Stopped after {done:,} of {total:,}; F5 goes on from there."
FOLDER_DONE = "Captions are kept for {pictures}."
NONE_FAILED = "None of {pictures} failed."
NO_RUN_YET = "No folder has been captioned in this window yet; F5 does that."
FOLDER_FAILED = "{failed:,} could not be read: F8 lists them."
PROGRESS = "Progress"

# The review.
REVIEW_LEFT = "Review: {left:,} of {total:,} left"
LEFT_TO_REVIEW = "{left:,} left."
SECONDS_EACH = "{seconds:.1f} s each"
REVIEW_BEGINS = "{captions} to review. Enter accepts, F2 edits, 1 to 9 choose, S skips."
NOTHING_TO_REVIEW = "Nothing to review: you have seen the caption of each picture."
CAPTION_KINDS = {"accepted": "Accepted.", "edited": "Edited.", "skipped": "Skipped."}
REVIEWED = {
    "accepted": "{count:,} accepted",
    "edited": "{count:,} edited",
    "skipped": "{count:,} skipped",
}
REVIEW_DONE = "Review of {captions} in {time}: {counts}."
NOTHING_DONE = "nothing decided"
ACCEPT_BUTTON = "Accept"
SKIP_BUTTON = "Skip"
END_BUTTON = "End review"

# Learning from a person's captions.
LEARN_TITLE = "Learn from my captions"
LEARNING = "Learning from your captions, and comparing"
CANNOT_LEARN = (
    'Learning needs more programs: pip install "imagecap[train]", then start the '
    "window again."
)
LEARNING_CANCELLED = "Learning is stopped; the model stays as it was."
LEARNING_FAILED = "Learning ended without a model ({reason}); the old one stays."
USE_NEW = "Use the new model"
KEEP_OLD = "Keep the old one"
BACK_TO_OLD = "Back to the old model"
NEW_IN_USE = "The new model describes your pictures now."
OLD_IN_USE = "The old model describes your pictures again."

# Buttons, menus and their actions.
FILE = "&File"
CAPTION = "&Caption"
VIEW = "&View"
FOLDER = "F&older"
SPEECH = "&Speech"
HELP = "&Help"

OPEN = "&Open…"
OPEN_FOLDER = "Open &folder…"
FOLDER_BUTTON = "Folder…"
PASTE = "&Paste"
RECENT = "Open &recent"
SAMPLE = "Sho&w a sample"
SAVE_TEXT = "&Save as text"
SAVE_BUTTON = "Save text"
SAVE_COPY = "Save a &copy with the caption…"
SAVE_SPEECH = "Save as speec&h…"
IMPORT = "&Import captions…"
GIVE_ALL = "Save &all captions"
GIVE_TEXTS = "As &text beside each picture"
GIVE_XMP = "As &XMP beside each picture"
GIVE_COPIES = "In &copies of the pictures…"
EXPORT = "In one &file, CSV or another…"
TAKE_ALL = "&Take captions from the pictures"
TAKE_FIRST = "From the first &field that says one"
TAKE_FIELD = "&{number}  From {field}, else another field"
SHOW_IN_BROWSER = "Show in &browser"
LEARN = "&Learn from my captions…"
PREFERENCES = "Prefere&nces…"
QUIT = "&Quit"

EDIT = "&Edit"
UNDO = "&Undo"
REDO = "&Redo"
COPY = "&Copy"
COPY_COMMAND = "Copy as co&mmand"
CHOOSE_OTHER = "C&hoose another"
CANDIDATE = "&{number}  {caption}"
REVIEW = "Re&view"
REVIEW_START = "&Review captions"
REVIEW_ACCEPT = "&Accept and go on"
REVIEW_SKIP = "&Skip"
REVIEW_END = "&End the review"
NEXT_WORD = "&Next word"
PREVIOUS_WORD = "&Previous word"
BACK_TO_MODEL = "&Back to the model's"
FIND = "&Find"
EVERYWHERE_MENU = "Find in the whole &library"
EVERYWHERE = "Library"
MORE_LIKE = "More like &this"
SEARCH = "Search"

NEXT = "&Next picture"
PREVIOUS = "&Previous picture"
FIRST = "&First picture"
LAST = "&Last picture"
ZOOM_IN = "Zoom &in"
ZOOM_OUT = "Zoom &out"
WHOLE = "&Whole picture"
PAN = "Mo&ve the part shown"
PAN_LEFT = "&Left"
PAN_RIGHT = "&Right"
PAN_UP = "&Up"
PAN_DOWN = "&Down"
GRID = "As a gri&d"
LARGER_THUMBNAILS = "Larger t&humbnails"
SMALLER_THUMBNAILS = "Smaller thum&bnails"
ACTUAL_SIZE = "Actual si&ze"
TURN_RIGHT = "T&urn right"
TURN_LEFT = "Turn l&eft"
FULL_SCREEN = "Full s&creen"
SLIDE_SHOW = "&Slide show, read aloud"
SCREEN_FILLED = "The picture fills the screen; Escape leaves that."
WINDOW_AGAIN = "The whole window again."
SHOW_IS_OVER = "The slide show is over."
ATTENTION = "Show where the model looks &at"
OTHER_THEME = "Change &theme"
LARGER = "Lar&ger text"
SMALLER = "S&maller text"

CAPTION_ALL = "&Caption all"
HOLD_OR_GO_ON = "&Pause or go on"
CANCEL_RUN = "&Stop captioning"
FAILED = "Pictures that &failed"
DOUBLES = "Find &doubles"
TAKE_OFF = "Take off the &list"
TAKEN_OFF = "{name} is off the list; the file stays where it is."
PAUSE = "Pause"
GO_ON = "Go on"
CANCEL = "Cancel"

SPEAK = "&Speak"
STOP = "S&top"
HOLD_VOICE = "&Pause or go on"
REPEAT = "&Repeat"
SPEAK_AUTOMATICALLY = "Speak &automatically"
SELF_VOICING = "Read the &window aloud"

CUT_TEXT = "Cu&t"
COPY_TEXT = "&Copy"
PASTE_TEXT = "&Paste"
SELECT_TEXT = "Select &all"

KEYS = "&Keys"
ABOUT_MENU = "&About"

# What the window read aloud says besides.
SELF_VOICING_IS = "Reading the window aloud is {state}."
ON = "on"
OFF = "off"
BUTTON = "button"
NOT_NOW = "not possible now"
NOTHING_WRITTEN = "empty"
MARKED = "{count:,} marked"
THUMBNAILS = "Pictures, Left and Right go through them"
GRID_SPOKEN = "Pictures in rows, the arrow keys go through them, Enter shows one"

NO_TKINTER = (
    "The window needs Tkinter, which is not installed: sudo apt install python3-tk. "
    "Without it: imagecap caption photo.jpg"
)
NO_SCREEN = (
    "There is no screen to show a window on. Without one: imagecap caption photo.jpg"
)


def without_mnemonic(label: str) -> str:
    """Return a label as it is read, without the mark of the letter that Alt picks."""
    return label.replace("&", "")
