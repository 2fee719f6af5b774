"""Looks for faults of a gallery in Chromium: axe-core's rules, and its search."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright

SIZES = {"wide": (1280, 900), "narrow": (320, 640)}


def main() -> None:
    """Print what is found of each sight of the gallery."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("site", type=Path, help="the folder of a gallery")
    parser.add_argument("words", help="what is searched for; it should be found")
    parser.add_argument("--screenshots", type=Path, help="a folder for pictures")
    arguments = parser.parse_args()
    index = (arguments.site / "index.html").absolute().as_uri()
    print("| sight | axe-core finds | rules passed | overflow | what it says |")
    print("|---|---|---|---|---|")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for size, (width, height) in SIZES.items():
            for scheme in ("light", "dark"):
                page = browser.new_page(
                    viewport={"width": width, "height": height}, color_scheme=scheme
                )
                page.goto(index)
                for words in ("", arguments.words, "xyzzy"):
                    name = f"{size}, {scheme}{', search' if words else ''}"
                    print(f"| {name} | {look(page, words)} |")
                    if arguments.screenshots and words != "xyzzy":
                        file = f"{name.replace(', ', '-')}.png"
                        page.screenshot(path=arguments.screenshots / file)
                page.close()
        browser.close()


def look(page: Page, words: str) -> str:
    """Search by keyboard and tell what is found, and what is wrong with the page."""
    page.keyboard.press("Escape")
    if words:
        page.focus("#words")
        page.keyboard.press("Control+A")
        page.keyboard.type(words)
        page.wait_for_function("document.querySelector('#pictures').hidden")
        page.wait_for_load_state("networkidle")
    axe = Axe().run(page)
    faults = [one["id"] for one in axe.response["violations"]]
    overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return " | ".join(
        (
            ", ".join(faults) or "none",
            str(len(axe.response["passes"])),
            f"{max(0, overflow)} px",
            page.inner_text("#found"),
        )
    )


if __name__ == "__main__":
    main()
