"""The pages in a real browser, as a person uses them, by script, without, by keys."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from argparse import Namespace
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from made_pictures import save_noise

from imagecap.library.store import Library
from imagecap.model.caption import Caption
from imagecap.web.problems import Problem, answer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

NEEDED = "It needs playwright and axe-playwright-python."
sync_api = pytest.importorskip("playwright.sync_api", reason=NEEDED)
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason=NEEDED)
pages = pytest.importorskip("benchmarks.web.pages")
expect = sync_api.expect
pytestmark = pytest.mark.skipif(
    not shutil.which("chromium"), reason="Chromium is not installed."
)

# A busy machine may take long; nothing waits for longer than it has to.
PATIENCE = 120_000
PHONE = {"width": 320, "height": 640}
DROP = """([kind, name, content]) => {
    const bytes = Uint8Array.from(atob(content), (one) => one.charCodeAt(0));
    const files = new DataTransfer();
    files.items.add(new File([bytes], name, {type: "image/png"}));
    const options = {bubbles: true, cancelable: true};
    document.body.dispatchEvent(kind === "drop"
        ? new DragEvent("drop", {...options, dataTransfer: files})
        : new ClipboardEvent("paste", {...options, clipboardData: files}));
}"""

NOTE_WHAT_IS_TOLD = """
    const region = document.querySelector("[aria-live=polite]");
    new MutationObserver(() => sessionStorage.setItem("told", region.textContent))
        .observe(region, {childList: true});
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    expect.set_options(timeout=PATIENCE)
    with sync_api.sync_playwright() as playwright:
        browser = pages.start(playwright)
        yield browser
        browser.close()


@pytest.fixture(autouse=True)
def no_windows_stay_open(browser: Browser) -> Iterator[None]:
    """Windows that nobody looks at any more cost time, too."""
    yield
    for context in browser.contexts:
        context.close()


@pytest.fixture
def pictures(tmp_path: Path, library_file: Path) -> list[Path]:
    """Five pictures; what a model has said of them is in doubt."""
    pictures = save_noise(tmp_path, 5)
    said = Caption(("a", "cat"), -1.0, (0.9, 0.1), confidence=0.2, unsure=True)
    with closing(Library(library_file)) as library:
        for picture in pictures:
            library.keep_model_captions(picture, "stand-in@1", None, [said])
    return pictures


@pytest.fixture
def address(pictures: list[Path]) -> Iterator[str]:
    """What the real server has printed."""
    serve = [sys.executable, "-m", "imagecap", "serve", "--no-browser"]
    with subprocess.Popen(
        [*serve, "--model", "fast"], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def opened(
    browser: Browser, address: str, script: bool = True, size: dict[str, int] = PHONE
) -> Page:
    """A window of a browser that has opened the address, on a phone by default."""
    context: BrowserContext = browser.new_context(
        java_script_enabled=script, viewport=size
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(address)
    expect(page).to_have_title(re.compile("Gallery"))
    return page


@pytest.mark.parametrize(("size", "scheme"), [("phone", "dark"), ("wide", "light")])
def test_axe_finds_no_fault_on_any_page(
    browser: Browser, address: str, pictures: list[Path], size: str, scheme: str
) -> None:
    shutil.copy(pictures[0], pictures[0].with_name("double.png"))
    pages.prepare(opened(browser, address), address)
    asked = Namespace(
        address=address, picture=pictures[0], login=None, screenshots=None
    )
    seen = list(pages.look(browser, size, scheme, asked))
    assert len(seen) > len(pages.PATHS)
    assert [line for line, is_wrong in seen if is_wrong] == []


def test_axe_finds_no_fault_where_a_password_is_asked_for(browser: Browser) -> None:
    page = browser.new_page(color_scheme="dark")
    asking = answer(Problem(401, "Open the address."), "/", asks_for_password=True)
    page.set_content(bytes(asking.body).decode())
    expect(page.get_by_label("Password")).to_be_visible()
    assert axe.Axe().run(page).violations_count == 0


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_person_uses_all_pages(
    browser: Browser, address: str, pictures: list[Path], script: bool
) -> None:
    page = opened(browser, address, script)
    page.get_by_role("link", name="Caption a picture").click()
    page.set_input_files("#picture", pictures[0])
    page.get_by_role("button", name="Say what is to be seen").click()
    expect(page.get_by_text("This picture is in the library")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"\w.*\.$"))
    page.get_by_role("searchbox").fill("cat")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("status")).to_contain_text("5 pictures found for “cat”")
    page.get_by_role("img", name="A cat.").first.click()
    page.get_by_role("textbox").fill("A caption by a person.")
    page.get_by_role("button", name="Save").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("A caption by a person.")
    page.get_by_role("button", name="Take back what I said").click()
    expect(page.get_by_role("listitem").filter(has_text="Taken back")).to_be_visible()
    expect(heading).to_have_text("Possibly: a cat.")
    page.get_by_role("link", name="Review").click()
    expect(page.get_by_role("status")).to_contain_text("5 captions in doubt")
    page.get_by_role("textbox").first.fill("A second caption.")
    page.get_by_role("button", name="Right as it stands here").first.click()
    expect(page.get_by_role("status").first).to_contain_text("4 captions in doubt")
    page.get_by_role("link", name="the last one").click()
    expect(heading).to_have_text("A second caption.")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_keys_alone_reach_all(
    browser: Browser, address: str, pictures: list[Path], script: bool
) -> None:
    page = opened(browser, address, script, {"width": 1280, "height": 900})
    # Long before the system's dialog would open, which has keys of its own.
    page.on("filechooser", lambda chooser: chooser.set_files(pictures[0]))

    def tab_to(place: str) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.locator(f"{place}:focus").count():
                return
        raise AssertionError(f"Tab does not lead to {place}.")

    tab_to(".skip")
    page.keyboard.press("Enter")
    tab_to("figure a")
    page.keyboard.press("Enter")
    expect(page.locator("#edited")).to_be_visible()
    tab_to("#edited")
    page.keyboard.press("Control+A")
    page.keyboard.type("Written by keys.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Written by keys.")
    tab_to("#words")
    page.keyboard.type("keys")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("1 picture found")
    tab_to("nav a[href='/caption']")
    page.keyboard.press("Enter")
    expect(page.locator("#picture")).to_be_visible()
    tab_to("#picture")
    page.keyboard.press("Enter")
    expect(page.locator("#picture")).to_have_value(re.compile("00.png"))
    tab_to("button.main")
    page.keyboard.press("Enter")
    expect(page.get_by_text("This picture is in the library")).to_be_visible()
    tab_to("nav a[href='/review']")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("4 captions in doubt")
    tab_to("#next")
    # The next one has the focus each time, so that Enter goes through them.
    for left in ("3 captions in doubt", "2 captions in doubt", "1 caption in doubt"):
        page.keyboard.press("Enter")
        expect(page.get_by_role("status").first).to_contain_text(left)
        expect(page.locator("#next")).to_be_focused()


@pytest.mark.parametrize("kind", ["drop", "paste"])
def test_a_picture_is_dropped_or_pasted_and_a_live_region_tells(
    browser: Browser, address: str, pictures: list[Path], kind: str
) -> None:
    page = opened(browser, address)
    page.get_by_role("link", name="Caption a picture").click()
    expect(page.get_by_text("drop one here, or paste one")).to_be_visible()
    page.evaluate(NOTE_WHAT_IS_TOLD)
    content = b64encode(pictures[0].read_bytes()).decode()
    page.evaluate(DROP, [kind, "dropped.png", content])
    expect(page.get_by_text("dropped.png")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"\w.*\.$"))
    told = page.evaluate("sessionStorage.getItem('told')")
    assert told == "The picture is being looked at…"


def test_a_phone_shows_pictures_one_below_the_other(
    browser: Browser, address: str
) -> None:
    page = opened(browser, address)
    figures = [one.bounding_box() for one in page.get_by_role("figure").all()]
    assert len(figures) == 5
    assert len({box["x"] for box in figures if box}) == 1
    page.set_viewport_size({"width": 1600, "height": 900})
    figures = [one.bounding_box() for one in page.get_by_role("figure").all()]
    assert len({box["y"] for box in figures if box}) == 1
