"""What the window tells of itself and of its model, seen and heard."""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from pathlib import Path

import pytest
from screen import Screen, StandIn

from gui import dialog_strings
from gui.widgets.markdown import Block, blocks, write_markdown
from imagecap.model.captioner import Captioner

CARD = """# A *fine* model

It goes on
over two lines. See [the `data`](https://example.org) and `train.py`.

| | |
|---|---|
| stored | float16 |

| name | said | right |
|:---|---:|---:|
| a \\| b | 5 | 17 % |
| **c** | 100 | 9 % |

- One.
- Two, which
  goes on.
2. Second.

```
python train.py
```
"""


def test_the_blocks_of_a_card_are_found() -> None:
    assert list(blocks(CARD)) == [
        Block("heading", "A *fine* model", level=1),
        Block(
            "paragraph",
            "It goes on over two lines. See [the `data`](https://example.org) and "
            "`train.py`.",
        ),
        Block("table", rows=(("", ""), ("stored", "float16"))),
        Block(
            "table",
            rows=(
                ("name", "said", "right"),
                ("a | b", "5", "17 %"),
                ("**c**", "100", "9 %"),
            ),
        ),
        Block("item", "One.", mark="•"),
        Block("item", "Two, which goes on.", mark="•"),
        Block("item", "Second.", mark="2."),
        Block("code", "python train.py"),
    ]


@pytest.mark.parametrize(
    "text", ["", "|", "```", "|-|", "# ", "**", "| a |\n| b | c |"]
)
def test_no_text_is_too_odd_to_be_shown(show: Callable[..., Screen], text: str) -> None:
    write_markdown(tkinter.Text(show().root), text, 300)


def test_a_card_is_set_without_its_marks(show: Callable[..., Screen]) -> None:
    field = tkinter.Text(show().root)
    field.pack()
    write_markdown(field, CARD, 400)
    assert field.get("1.0", "end").split("\n")[:8] == [
        "A fine model",
        "It goes on over two lines. See the data and train.py.",
        "stored\tfloat16",
        "name\tsaid\tright",
        "a | b\t5\t17 %",
        "c\t100\t9 %",
        "•\tOne.",
        "•\tTwo, which goes on.",
    ]
    assert field.get(*field.tag_nextrange("italic", "1.0")) == "fine"
    assert field.get(*field.tag_nextrange("bold", "1.0")) == "name"
    link = field.tag_nextrange("code", "1.0")
    assert field.get(*link) == "data"
    assert field.get(*field.tag_nextrange("code", link[1])) == "train.py"
    field.update()
    # Numbers end below each other.
    ends = [field.bbox(place) for place in ("5.6", "6.4")]
    assert len({x + width for x, _, width, _ in ends}) == 1


def test_a_table_too_wide_becomes_a_list(show: Callable[..., Screen]) -> None:
    field = tkinter.Text(show().root)
    write_markdown(field, CARD, 60)
    assert "•\ta | b: said 5, right 17 %\n" in field.get("1.0", "end")


def test_about_tells_versions_and_the_models_card(
    show: Callable[..., Screen], said: list[str]
) -> None:
    screen = show(Captioner.load)
    screen.until(lambda: screen.session.describer.captioner)
    screen.press("<Control-Shift-V>", "<Shift-F1>")
    dialog = screen.dialog()
    dialog.focus_force()
    dialog.text.focus_force()
    screen.until(lambda: said[-1].startswith(dialog_strings.ABOUT_TITLE))
    assert said[-1].endswith(dialog.text.get("1.0", "1.0 lineend"))
    told = dialog.text.get("1.0", "end-1c")
    assert "Python 3." in told
    assert "CIDEr" in told
    assert not any(mark in told for mark in ("**", "|", "`", "##"))
    paragraphs = [line for line in told.split("\n") if line]
    for paragraph in paragraphs:
        screen.press("<Down>")
        heard = [part for part in paragraph.split("\t") if part != "•"]
        assert said[-1] == ", ".join(part for part in heard if part)
        assert dialog.text.bbox("sel.first")
    screen.press("<Down>", "<Up>")
    assert dialog.text.get("sel.first", "sel.last") == paragraphs[-2]
    screen.press("<Escape>")
    assert not dialog.winfo_exists()


def test_a_model_without_a_card_is_told(
    show: Callable[..., Screen], picture: Callable[..., Path]
) -> None:
    screen = show(StandIn())
    screen.open(picture())
    screen.press("<Shift-F1>")
    assert dialog_strings.NO_MODEL_CARD in screen.dialog().text.get("1.0", "end")
