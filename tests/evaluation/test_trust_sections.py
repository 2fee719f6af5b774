"""The sections of the report page about confidence, failures and causes."""

from pathlib import Path
from xml.etree.ElementTree import tostring

from PIL import Image

from imagecap.evaluation.errors.failures import count_failures
from imagecap.evaluation.report.trust_sections import (
    confidence_section,
    failures_section,
    worst_section,
)
from imagecap.model.measured import Bin


def test_the_diagram_has_a_bar_for_each_bin() -> None:
    bins = [Bin(0.2, 0.3, 30, 0.25, 0.5), Bin(0.9, 1.0, 10, 0.95, 1.0)]
    heading, sentence, diagram, table = confidence_section(bins, ["As it is."])
    assert (heading.text, sentence.text) == ("Confidence", "As it is.")
    frame, *bars = diagram.findall("rect")
    side = float(frame.get("height", ""))
    assert [float(bar.get("height", "")) for bar in bars] == [side / 2, side]
    low, high = diagram.findall("circle")
    assert float(low.get("cx", "")) < float(high.get("cx", ""))
    assert float(low.get("cy", "")) > float(high.get("cy", ""))
    assert [cell.text for cell in table[2]] == ["0.9 – 1.0", "10", "0.95", "1.00"]


def test_the_worst_are_each_shown_once_under_a_cause(tmp_path: Path) -> None:
    names = [f"{number:02}.png" for number in range(60)]
    paths = {name: tmp_path / name for name in names}
    for path in paths.values():
        Image.new("RGB", (40, 30)).save(path)
    captions = dict.fromkeys(names, "A man in <b> a car.")
    references = {
        name: ("A dog in a car.", "A dog runs.")
        if number % 2
        else ("A man in a red car.", "A woman & a man.")
        for number, name in enumerate(names)
    }
    cider = {name: float(number) for number, name in enumerate(names)}
    section = worst_section(cider, captions, references, paths, ())
    page = "".join(
        tostring(part, encoding="unicode", method="html") for part in section
    )
    assert page.startswith("<h2>The 50 worst captions, by cause</h2>")
    assert page.count("<figure>") == page.count("<img ") == 50
    assert "50.png" not in page
    assert "<b>" not in page
    assert "<h3>Wrong subject (25)</h3>" in page
    assert all(f"{name}, CIDEr" in page for name in names[:50])


def test_failures_are_shown_beside_those_of_people() -> None:
    failures = count_failures({"1": "A man."}, {"1": ("A woman.", "A lady.")})
    page = "".join(
        tostring(part, encoding="unicode") for part in failures_section(failures)
    )
    cells = (
        "<td>gender</td><td>1</td><td>1</td><td>0</td><td>1</td><td>0</td><td>0</td>"
    )
    assert cells in page
    assert "1 (100 %) of the 1 caption that names one speaks of men or boys" in page
