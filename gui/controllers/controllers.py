"""All controllers of a window, by their names."""

from __future__ import annotations

from typing import NamedTuple

from .appearance import Appearance
from .browsing import Browsing
from .captioning import Captioning
from .captions import Captions
from .doubles import Doubles
from .exchanging import Exchanging
from .helping import Helping
from .learning import Learning
from .opening import Opening
from .presenting import Presenting
from .reviewing import Reviewing
from .saving import Saving
from .searching import Searching
from .serving import Serving
from .speaking import Speaking
from .viewing import Viewing


class Controllers(NamedTuple):
    """All that a person can do in the window, by subject."""

    appearance: Appearance
    browsing: Browsing
    captioning: Captioning
    captions: Captions
    doubles: Doubles
    exchanging: Exchanging
    helping: Helping
    learning: Learning
    opening: Opening
    presenting: Presenting
    reviewing: Reviewing
    saving: Saving
    searching: Searching
    serving: Serving
    speaking: Speaking
    viewing: Viewing
