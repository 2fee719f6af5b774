import subprocess
import sys
import threading
from pathlib import Path

import pytest
from made_pictures import save_noise
from PIL import Image

from imagecap import Caption, Captioner
from imagecap.pictures.reading import PictureError


@pytest.fixture(scope="module")
def captioner(untrained_bundle: Path) -> Captioner:
    return Captioner.load(untrained_bundle)


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    return save_noise(tmp_path, 21)


def test_a_picture_has_the_same_caption_however_it_is_given(
    captioner: Captioner, pictures: list[Path]
) -> None:
    caption = captioner.caption(pictures[0])
    assert isinstance(caption, Caption)
    assert caption.text.endswith(".")
    assert 0 < caption.probability < 1
    assert len(caption.word_probabilities) == len(caption.words)
    assert captioner.caption(str(pictures[0])) == caption
    assert captioner.caption(Image.open(pictures[0])) == caption


def test_candidates_are_different_and_sorted(
    captioner: Captioner, pictures: list[Path]
) -> None:
    candidates = captioner.candidates(pictures[0], 5, beam_width=5)
    assert len({candidate.words for candidate in candidates}) == 5
    penalty = captioner.bundle.manifest.decoding.search.length_penalty
    ranks = [c.log_probability / (len(c.words) + 1) ** penalty for c in candidates]
    assert ranks == sorted(ranks, reverse=True)
    assert captioner.caption(pictures[0], beam_width=5) == candidates[0]


def test_many_pictures_come_in_order_and_a_bad_one_stops_nothing(
    captioner: Captioner, pictures: list[Path]
) -> None:
    pictures[3].write_bytes(b"not a picture")
    pictures[20].unlink()
    results = list(captioner.caption_many(pictures))
    assert [path for path, _ in results] == pictures
    for path, result in results:
        if path in (pictures[3], pictures[20]):
            assert isinstance(result, PictureError)
            assert path.name in str(result)
        else:
            assert not isinstance(result, PictureError)
            assert result[0].words == captioner.caption(path).words


def test_threads_may_share_a_captioner(
    captioner: Captioner, pictures: list[Path]
) -> None:
    expected = [captioner.caption(path) for path in pictures]
    found: dict[Path, Caption] = {}

    def work(paths: list[Path]) -> None:
        found.update((path, captioner.caption(path)) for path in paths)

    threads = [threading.Thread(target=work, args=(pictures[n::4],)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[path] for path in pictures] == expected


def test_a_beam_of_none_is_refused(captioner: Captioner, pictures: list[Path]) -> None:
    with pytest.raises(ValueError, match="beam_width=0"):
        captioner.caption(pictures[0], beam_width=0)


def test_serving_imports_nothing_heavy_and_nothing_that_it_does_not_need(
    untrained_bundle: Path, pictures: list[Path]
) -> None:
    program = (
        "import sys, imagecap.speech\n"
        "import imagecap.commands.main, imagecap.commands.caption\n"
        "import imagecap.commands.caption_to_terminal\n"
        "from imagecap import Captioner\n"
        f"Captioner.load({str(untrained_bundle)!r}).caption({str(pictures[0])!r})\n"
        "heavy = {'tensorflow', 'keras', 'jax', 'torch', 'nltk', 'matplotlib', "
        "'snowballstemmer', 'imagecap.training'}\n"
        "heavy |= {f'imagecap.model.{name}' for name in "
        "('corrected_words', 'embedding', 'keywords', 'format_1')}\n"
        "heavy |= {'imagecap.speech.speaker', 'PIL.PdfImagePlugin'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
