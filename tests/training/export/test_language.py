import pytest

from imagecap.training.export.language import name_language


@pytest.mark.parametrize(
    ("captions", "language"),
    [
        (["a dog runs on the grass", "two men on a bench"], "English"),
        (["ein Hund läuft über die Wiese", "zwei Männer auf einer Bank"], "German"),
        (["un chien court dans l'herbe", "deux hommes sur un banc"], "French"),
        (["公園のベンチに男性が座っている"], "Japanese"),
    ],
)
def test_the_language_of_captions_is_named(captions: list[str], language: str) -> None:
    assert name_language(captions) == language
