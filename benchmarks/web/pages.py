"""Drives the pages of a running server in Chromium: axe-core's rules, and a person.

Needs playwright and axe-playwright-python, and Chromium. The library should hold some
pictures, of which one at least is in doubt; captions are written into it.
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
from playwright.sync_api import Browser, Page, sync_playwright

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
CAPTIONED, STRANGER, LOGIN = "(a picture handed in)", "(without the token)", "(login)"
_MOST_BYTES = 100_000


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
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        print("| page | sight | axe-core finds | rules passed | overflow | KB |")
        print("|---|---|---|---|---|---|")
        prepare(browser.new_page(), arguments.address)
        for line, fault in look(browser, arguments):
            print(f"| {line} |", flush=True)
            faults += [line] if fault else []
        for script in (True, False):
            name = "with script" if script else "without script"
            page = browser.new_context(java_script_enabled=script).new_page()
            faults += [f"{name}: {one}" for one in use(page, arguments)]
            print(f"\nA person, {name}: done.")
        for script in (True, False):
            page = browser.new_context(java_script_enabled=script).new_page()
            faults += keyboard_alone(page, arguments.address)
        print("\nA person with keys alone, with and without script: done.")
        browser.close()
    print("\n".join(["", "Faults:", *faults] if faults else ["", "No faults."]))
    sys.exit(bool(faults))


def prepare(page: Page, address: str) -> None:
    """Have doubles looked for and a folder captioned, so that there are some to see."""
    page.goto(address)
    page.get_by_role("link", name="Doubles").click()
    page.get_by_role("button", name="Look").click()
    page.get_by_role("link", name="Folders").click()
    page.get_by_role("button", name="Caption new pictures").first.click()
    page.wait_for_selector("[data-job]")


def look(browser: Browser, arguments: argparse.Namespace) -> Iterator[tuple[str, bool]]:
    """Look at each page in each sight; give a line of a table, and if it is wrong."""
    address, screenshots = arguments.address, arguments.screenshots
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(address))
    paths = [*PATHS, CAPTIONED, STRANGER, *([LOGIN] if arguments.login else [])]
    for size in arguments.size or SIZES:
        for scheme in arguments.scheme or SCHEMES:
            width, height = SIZES[size]
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=scheme
            )
            page = context.new_page()
            errors: list[str] = []
            page.on("pageerror", lambda error, errors=errors: errors.append(str(error)))
            page.goto(address)
            for path in paths:
                sizes: list[int] = []
                if path == CAPTIONED:
                    page.goto(f"{origin}/caption")
                    page.set_input_files("#picture", arguments.picture)
                    page.get_by_role("button", name="Say what").click()
                    page.wait_for_selector("article")
                elif path in (STRANGER, LOGIN):
                    context.clear_cookies()
                    page.goto(arguments.login if path == LOGIN else origin)
                else:
                    answer = page.goto(origin + path)
                    # Pictures in the page itself do not count.
                    body = re.sub(
                        rb'"data:[^"]*"', b"", answer.body() if answer else b""
                    )
                    sizes.append(len(body))
                page.wait_for_load_state()
                axe = Axe().run(page).response
                found = [one["id"] for one in axe["violations"]] + errors
                wide = "document.documentElement.scrollWidth - innerWidth"
                overflow = max(0, page.evaluate(wide))
                if screenshots:
                    name = f"{path.strip('/') or 'gallery'}-{size}-{scheme}"
                    name = "".join(c if c.isalnum() else "-" for c in name)
                    page.screenshot(path=screenshots / f"{name}.png")
                columns = (
                    path,
                    f"{size}, {scheme}",
                    ", ".join(found) or "none",
                    str(len(axe["passes"])),
                    f"{overflow} px",
                    f"{sum(sizes) / 1000:.1f}",
                )
                wrong = bool(found or overflow or sum(sizes) > _MOST_BYTES)
                yield " | ".join(columns), wrong
                errors.clear()
            context.close()


def use(page: Page, arguments: argparse.Namespace) -> Iterator[str]:
    """Hand in a picture, search, edit, review; give what does not go as it should."""
    page.goto(arguments.address)
    page.get_by_role("link", name="Caption a picture").click()
    page.set_input_files("#picture", arguments.picture)
    page.get_by_role("button", name="Say what is to be seen").click()
    page.wait_for_selector("h1")
    if not page.inner_text("h1").rstrip().endswith("."):
        yield "no caption of what was handed in"
    page.get_by_role("searchbox").fill("a")
    page.get_by_role("button", name="Search").click()
    page.wait_for_url("**/search?words=a")
    page.locator("figure a").first.click()
    page.wait_for_url("**/pictures/*")
    page.get_by_role("textbox").fill("A caption by a person.")
    page.get_by_role("button", name="Save").click()
    page.wait_for_selector("text=Take back what I said")
    if page.inner_text("h1") != "A caption by a person.":
        yield "the caption was not kept"
    page.get_by_role("button", name="Take back what I said").click()
    page.wait_for_selector("text=Taken back")
    page.get_by_role("link", name="Review").click()
    page.wait_for_url("**/review")
    before = doubted(page)
    if before:
        page.get_by_role("button", name="Right as it stands here").first.click()
        page.wait_for_selector("text=Kept:")
        if doubted(page) != before - 1:
            yield "what was reviewed stayed"


def keyboard_alone(page: Page, address: str) -> Iterator[str]:
    """Open a picture by Tab and Enter and save a caption; review by Enter."""
    page.goto(address)
    page.keyboard.press("Tab")
    if page.evaluate("document.activeElement.className") != "skip":
        yield "keyboard: the first stop is not the link to the content"
    page.keyboard.press("Enter")
    for _ in range(4):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('figure') !== null"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/pictures/*")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "edited":
            break
    page.keyboard.press("Control+A")
    page.keyboard.type("Written by keys.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Take back what I said")
    if page.inner_text("h1") != "Written by keys.":
        yield "keyboard: the caption was not kept"
    page.goto("{0.scheme}://{0.netloc}/review".format(urlsplit(address)))
    before = doubted(page)
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "next":
            break
    # The next one has the focus, so that Enter goes through them.
    for done in range(1, min(3, before)):
        page.keyboard.press("Enter")
        page.wait_for_selector("text=Kept:")
        if doubted(page) != before - done:
            yield "keyboard: what was reviewed stayed"
        if page.evaluate("document.activeElement.id") != "next":
            yield "keyboard: the next one to review has not the focus"


def doubted(page: Page) -> int:
    """Read how many captions are in doubt."""
    first = page.locator("[role=status]").first.inner_text().split()[0]
    return int(first) if first.isdecimal() else 0


if __name__ == "__main__":
    main()
