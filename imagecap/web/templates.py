"""Pages as text, from the templates of this room."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from imagecap.counted import counted

# Of captions where many are on a page, in characters; each has a page of its own.
_LONGEST_IN_LIST = 250


@cache
def style() -> str:
    """Read the look of the pages; one that nobody may load it for has it in itself."""
    return files("imagecap.web").joinpath("static", "page.css").read_text("utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("imagecap.web", "html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["counted"] = counted
    # No part of it comes from elsewhere.
    environment.globals["STYLE"] = Markup(style())  # noqa: S704
    environment.globals["LONGEST_IN_LIST"] = _LONGEST_IN_LIST
    return environment


def render(template: str, **values: Any) -> str:  # noqa: ANN401 – as Jinja's
    """Write a page; whatever is text in it gets escaped.

    Args:
        template: The name of its template.
        **values: What stands in it.
    """
    page = _environment().get_template(template).render(**values)
    # Names of files may hold what is no text.
    return page.encode("utf-8", "replace").decode()
