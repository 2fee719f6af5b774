"""Looks at the pages of a running server in Chromium, by axe-core's rules.

Needs Chromium. The library should hold some pictures, of which one at least is in
doubt. How a person uses the pages is in tests/web/test_browser.py.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

SIZES = {"wide": (1280, 900), "phone": (320, 640)}
SCHEMES = ("light", "dark")
PATHS = (
    "/",
    "/?order=unsure",
    "/folders",
    "/search?words=a",
    "/search?words=xyzzy",
    "/review",
    "/doubles",
    "/caption",
    "/download",
    "/pictures/1",
    "/pictures/1/like",
    "/pictures/1/attention",
    "/pictures/999999",
    "/search?words=by:nobody",
    "/caption/",
)
# Pages that come of what a person has done.
CAPTIONED, STRANGER, LOGIN = "/captioned", "/?stranger", "/?login"
_MOST_KB = 100


def main() -> None:
    """Print what is found, and end with status 1 where something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address", help="as imagecap serve has printed it")
    parser.add_argument("picture", type=Path, help="a picture to hand in")
    parser.add_argument("--login", help="the address of a server with a password")
    parser.add_argument("--size", choices=SIZES, action="append")
    parser.add_argument("--scheme", choices=SCHEMES, action="append")
    parser.add_argument("--screenshots", type=Path, help="a folder for pictures")
    arguments = parser.parse_args()
    faults: list[str] = []
    with sync_playwright() as playwright:
        browser = start(playwright)
        print("| page | sight | axe-core finds | rules passed | overflow | KB |")
        print("|---|---|---|---|---|---|")
        prepare(browser.new_page(), arguments.address)
        for size in arguments.size or SIZES:
            for scheme in arguments.scheme or SCHEMES:
                for line, fault in look(browser, size, scheme, arguments):
                    print(f"| {line} |", flush=True)
                    faults += [line] if fault else []
        browser.close()
    print("\n".join(["", "Faults:", *faults] if faults else ["", "No faults."]))
    sys.exit(bool(faults))


def start(playwright: Playwright) -> Browser:
    """Start the system's Chromium."""
    # As root, which builds run as, it has no sandbox.
    return playwright.chromium.launch(
        executable_path=shutil.which("chromium"), args=["--no-sandbox"]
    )


def prepare(page: Page, address: str) -> None:
    """Have doubles looked for and a folder captioned, so that there are some to see."""
    page.goto(address)
    page.get_by_role("link", name="Doubles").click()
    page.get_by_role("button", name="Look").click()
    page.get_by_role("link", name="Folders").click()
    page.get_by_role("button", name="Caption new pictures").first.click()
    while not page.get_by_text("done:").count():
        page.get_by_role("link", name="Look again").click()


def look(
    browser: Browser, size: str, scheme: str, arguments: argparse.Namespace
) -> Iterator[tuple[str, bool]]:
    """Look at each page in one sight; give a line of a table, and if it is wrong."""
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme
    )
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(arguments.address)
    for path in [*PATHS, CAPTIONED, STRANGER, *([LOGIN] if arguments.login else [])]:
        kilobytes = go(page, path, arguments) / 1000
        page.wait_for_load_state()
        axe = Axe().run(page).response
        found = [one["id"] for one in axe["violations"]] + errors
        wide = "document.documentElement.scrollWidth - innerWidth"
        overflow = max(0, page.evaluate(wide))
        if arguments.screenshots:
            name = f"{path.strip('/') or 'gallery'}-{size}-{scheme}"
            name = "".join(c if c.isalnum() else "-" for c in name)
            page.screenshot(path=arguments.screenshots / f"{name}.png")
        columns = (
            path,
            f"{size}, {scheme}",
            ", ".join(found) or "none",
            str(len(axe["passes"])),
            f"{overflow} px",
            f"{kilobytes:.1f}",
        )
        yield " | ".join(columns), bool(found or overflow or kilobytes > _MOST_KB)
        errors.clear()
    context.close()


def go(page: Page, path: str, arguments: argparse.Namespace) -> int:
    """Open a page; give its bytes, without pictures in the page itself."""
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(arguments.address))
    if path == CAPTIONED:
        page.goto(f"{origin}/caption")
        page.set_input_files("#picture", arguments.picture)
        page.get_by_role("button", name="Say what").click()
        page.wait_for_selector("article")
        return 0
    if path in (STRANGER, LOGIN):
        page.context.clear_cookies()
    answer = page.goto(arguments.login if path == LOGIN else origin + path)
    assert answer
    return len(re.sub(rb'"data:[^"]*"', b"", answer.body()))


if __name__ == "__main__":
    main()
