"""The `imagecap` command, run as its users run it."""

import json
import signal
import subprocess
import sys
import time
import wave
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from imagecap import Captioner
from imagecap.captions.formats import WRITERS
from imagecap.commands.main import main
from imagecap.library.store import Library
from imagecap.settings import change_settings


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "a picture.png"
    Image.new("RGB", (80, 60), (40, 160, 60)).save(path)
    return path


def imagecap(
    *arguments: object, status: int = 0, **options: object
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "imagecap", *map(str, arguments)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, **options
    )
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    return done


def test_one_picture_prints_its_caption(untrained_bundle: Path, picture: Path) -> None:
    done = imagecap("caption", "--model", untrained_bundle, picture)
    expected = Captioner.load(untrained_bundle).caption(picture).text
    assert done.stdout == expected + "\n"


@pytest.mark.parametrize("library", ["none", "one", "no library"])
def test_corrections_stop_no_caption(
    library: str, untrained_bundle: Path, picture: Path, library_file: Path
) -> None:
    if library == "one":
        opened = Library(library_file)
        opened.keep_human(picture, "Rex.")
        opened.close()
    elif library == "no library":
        library_file.mkdir(parents=True)
    done = imagecap("caption", "--corrections", "--model", untrained_bundle, picture)
    expected = Captioner.load(untrained_bundle).caption(picture).text
    assert done.stdout == expected + "\n"
    assert done.stderr.count("\n") == (library == "no library")
    assert library_file.exists() == (library != "none")


def test_several_pictures_print_a_line_each(
    untrained_bundle: Path, picture: Path
) -> None:
    done = imagecap("caption", "--model", untrained_bundle, picture, picture)
    text = Captioner.load(untrained_bundle).caption(picture).text
    assert done.stdout == f"{picture}\t{text}\n" * 2


def test_a_bad_picture_stops_nothing(untrained_bundle: Path, picture: Path) -> None:
    bad = picture.with_name("bad.jpg")
    bad.write_text("no picture")
    done = imagecap("caption", "--model", untrained_bundle, bad, picture, status=1)
    assert done.stdout.startswith(f"{picture}\t")
    assert done.stdout.count("\n") == 1
    assert done.stderr.startswith("Error: ")
    assert str(bad) in done.stderr


def test_json_holds_the_candidates(untrained_bundle: Path, picture: Path) -> None:
    done = imagecap(
        "caption",
        "--model",
        untrained_bundle,
        "--json",
        "--candidates",
        4,
        "--beam",
        6,
        picture,
    )
    candidates = Captioner.load(untrained_bundle).candidates(picture, 4, 6)
    assert json.loads(done.stdout) == [
        {
            "path": str(picture),
            "caption": candidates[0].text,
            "probability": pytest.approx(candidates[0].probability),
            "confidence": None,
            "unsure": False,
            "candidates": [
                {"caption": c.text, "probability": pytest.approx(c.probability)}
                for c in candidates
            ],
        }
    ]


def test_candidates_are_printed_the_best_first(
    untrained_bundle: Path, picture: Path
) -> None:
    done = imagecap("caption", "--model", untrained_bundle, "--candidates", 3, picture)
    candidates = Captioner.load(untrained_bundle).candidates(picture, 3)
    assert done.stdout.splitlines() == [c.text for c in candidates]


def test_attend_draws_a_panel_a_word(
    untrained_attention_bundle: Path, picture: Path, tmp_path: Path
) -> None:
    output = tmp_path / "seen.png"
    done = imagecap(
        "attend", picture, "-o", output, "--model", untrained_attention_bundle
    )
    caption = Captioner.load(untrained_attention_bundle).caption(picture)
    assert done.stdout == caption.text + "\n"
    columns = min(5, len(caption.words) + 1)
    with Image.open(output) as drawn:
        assert drawn.width > columns * 224
        assert drawn.height > (len(caption.words) // 5 + 1) * 168


def test_attend_without_attention_says_what_to_do(
    untrained_bundle: Path, picture: Path, tmp_path: Path
) -> None:
    output = tmp_path / "seen.png"
    done = imagecap(
        "attend", picture, "-o", output, "--model", untrained_bundle, status=1
    )
    assert done.stderr.startswith("Error: The model untrained has no attention")
    assert "--architecture attention" in done.stderr
    assert not output.exists()


def test_an_unknown_model_is_one_sentence(picture: Path) -> None:
    done = imagecap("caption", "--model", "nosuch", picture, status=1)
    assert done.stderr.startswith("Error: There is no model “nosuch”.")


def test_speech_without_a_player_is_said(
    untrained_bundle: Path, picture: Path, programs: Path
) -> None:
    done = imagecap(
        "caption", "--model", untrained_bundle, "--speak", picture, status=1
    )
    assert done.stdout
    assert done.stderr.startswith("Error: ")


def test_captions_are_spoken(
    untrained_bundle: Path, picture: Path, install_player: object
) -> None:
    log = install_player("")
    imagecap("caption", "--model", untrained_bundle, "--speak", picture)
    ((_, size),) = (line.split() for line in log.read_text().splitlines())
    assert int(size) > 10_000


def test_a_caption_is_saved_as_speech(
    untrained_bundle: Path, picture: Path, tmp_path: Path
) -> None:
    path = tmp_path / "spoken.wav"
    given = ("caption", "--model", untrained_bundle, picture, "--save-speech")
    imagecap(*given, path)
    with wave.open(str(path)) as sound:
        assert sound.getnframes() > sound.getframerate() / 4
    done = imagecap(*given, tmp_path / "spoken.mp3", status=1)
    assert "ends in .wav" in done.stderr
    done = imagecap(*given, path, picture, status=2)
    assert "takes one picture" in done.stderr


def test_the_settings_give_the_defaults_and_options_win(
    untrained_bundle: Path,
    picture: Path,
    install_player: Callable[[str], Path],
    programs: Path,
) -> None:
    log = install_player(f"import shutil; shutil.copy(sys.argv[1], {str(programs)!r})")
    change_settings(model=str(untrained_bundle), beam_width=1, rate=80)
    captioner = Captioner.load(untrained_bundle)
    done = imagecap("caption", "--speak", picture)
    assert done.stdout == captioner.caption(picture, beam_width=1).text + "\n"
    change_settings(rate=400, voice="gmw/en-us")
    imagecap("caption", "--speak", picture)
    slow, fast = (int(line.split()[1]) for line in log.read_text().splitlines())
    assert slow > 1.5 * fast

    american = (programs / "speech.wav").read_bytes()
    imagecap("caption", "--speak", "--voice", "gmw/en-gb-x-rp", picture)
    assert (programs / "speech.wav").read_bytes() != american

    change_settings(model="nosuch")
    done = imagecap("caption", picture, status=1)
    assert "There is no model “nosuch”" in done.stderr
    assert "The settings name that model" in done.stderr
    done = imagecap("caption", "--model", untrained_bundle, "--beam", 3, picture)
    assert done.stdout == captioner.caption(picture, beam_width=3).text + "\n"


def test_damaged_settings_are_told_once(
    untrained_bundle: Path, picture: Path, settings_file: Path
) -> None:
    settings_file.parent.mkdir()
    settings_file.write_text("{")
    first = imagecap("caption", "--model", untrained_bundle, picture)
    assert first.stderr.startswith(f"Note: The settings {settings_file} are damaged")
    second = imagecap("caption", "--model", untrained_bundle, picture)
    assert second.stderr == ""
    assert second.stdout == first.stdout


def test_an_unknown_voice_is_said_and_another_speaks(
    untrained_bundle: Path, picture: Path, install_player: Callable[[str], Path]
) -> None:
    log = install_player("")
    given = ("caption", "--model", untrained_bundle, "--speak", picture)
    done = imagecap(*given, "--voice", "nosuch")
    assert done.stderr.startswith("Note: The voice “nosuch” is not on this machine")
    assert len(log.read_text().splitlines()) == 1


def test_a_break_ends_the_player(
    untrained_bundle: Path, picture: Path, install_player: Callable[[str], Path]
) -> None:
    log = install_player("time.sleep(600)")
    command = ["caption", "--model", str(untrained_bundle), "--speak", str(picture)]
    process = subprocess.Popen(
        [sys.executable, "-m", "imagecap", *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not log.read_text().endswith("\n"):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Stopped. " in errors
    assert "Traceback" not in errors
    assert not Path("/proc", log.read_text().split()[0]).exists()


@pytest.mark.parametrize("way", ["printed", "file", "sidecar"])
def test_a_watched_folder_has_what_is_added_captioned(
    untrained_bundle: Path, tmp_path: Path, way: str
) -> None:
    folder, file = tmp_path / "watched", tmp_path / "captions.csv"
    folder.mkdir()
    Image.new("RGB", (80, 60), (40, 160, 60)).save(folder / "before.png")
    options = {"printed": [], "file": ["-o", file], "sidecar": ["--write", "sidecar"]}
    given = ["caption", "--watch", "--model", untrained_bundle, folder, *options[way]]
    process = subprocess.Popen(
        [sys.executable, "-m", "imagecap", *map(str, given)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    lines = [process.stdout.readline()]
    (folder / "below").mkdir()
    Image.new("RGB", (80, 60), (160, 40, 60)).save(folder / "below" / "added.png")
    lines.append(process.stdout.readline())
    process.send_signal(signal.SIGINT)
    rest, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert rest == ""
    assert errors.strip().startswith("Stopped. ")
    if way == "printed":
        named = [Path(line.split("\t")[0]) for line in lines]
        assert named == [folder / "before.png", folder / "below" / "added.png"]
    elif way == "file":
        assert [line.split()[0] for line in lines] == ["1", "2"]
        written = file.read_text().splitlines()[1:]
        assert [line.split(",")[0] for line in written] == [
            "before.png",
            "below/added.png",
        ]
    else:
        assert (folder / "before.txt").exists()
        assert (folder / "below" / "added.txt").exists()


def test_what_cannot_be_watched_is_said(picture: Path, tmp_path: Path) -> None:
    done = imagecap("caption", "--watch", picture, status=2)
    assert "--watch needs folders." in done.stderr
    given = ("caption", "--watch", tmp_path, "--write", "copies", tmp_path / "copies")
    assert "not watched itself" in imagecap(*given, status=2).stderr
    assert "no --json" in imagecap(*given[:3], "--json", status=2).stderr


def test_voices_are_listed_the_english_ones_first(programs: Path) -> None:
    done = imagecap("voices")
    voices = [line.split("\t") for line in done.stdout.splitlines()]
    assert all(len(voice) == 3 for voice in voices)
    english = [language.startswith("en") for _, language, _ in voices]
    assert any(english)
    assert english == sorted(english, reverse=True)


def test_a_machine_without_voices_says_what_to_install(
    programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyttsx3.py").write_text("raise ImportError")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    done = imagecap("voices", status=1)
    assert done.stderr == (
        "Error: No voice on this machine: install espeak-ng "
        "(sudo apt install espeak-ng).\n"
    )


def test_a_folder_is_captioned_with_what_is_below_it(
    untrained_bundle: Path, picture: Path, tmp_path: Path
) -> None:
    (tmp_path / "photos" / "2024").mkdir(parents=True)
    picture.rename(tmp_path / "photos" / "2024" / "a.png")
    (tmp_path / "photos" / "drawing.svg").touch()
    (tmp_path / "photos" / "dead.jpg").symlink_to("gone.jpg")
    (tmp_path / "photos" / "dead").symlink_to("gone")
    command = ("caption", "--model", untrained_bundle, tmp_path / "photos")
    file = tmp_path / "captions.csv"
    for options in ((), ("-o", file)):
        done = imagecap(*command, *options, status=1)
        assert "drawing.svg is of a format" in done.stderr
        assert "dead.jpg is a link to a file that is not there" in done.stderr
        assert "dead is a link that leads nowhere" in done.stderr
        assert done.stderr.count("Error: ") == 3
        assert done.stderr.endswith("Left out: 3.\n")
    assert "a.png," in file.read_text()
    done = imagecap(*command, "--no-subfolders", status=1)
    assert done.stdout == ""


def test_no_picture_at_all_is_an_error(untrained_bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "empty" / "sub").mkdir(parents=True)
    for options in ((), ("--no-subfolders",), ("-o", tmp_path / "a.csv")):
        folder = tmp_path / "empty"
        done = imagecap("caption", *options, folder, status=1)
        assert "There are no pictures in" in done.stderr


def test_a_missing_end_is_a_note(untrained_bundle: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    Image.new("RGB", (80, 60), (40, 160, 60)).save(path)
    path.write_bytes(path.read_bytes()[:-2])
    done = imagecap("caption", "--model", untrained_bundle, path)
    assert done.stderr.count("Note: ") == 1
    assert "a.jpg lacks its end" in done.stderr


def test_the_formats_are_listed() -> None:
    lines = [line.split("\t") for line in imagecap("formats").stdout.splitlines()]
    states = {name: (suffixes, state) for name, suffixes, state in lines}
    assert states["JPEG"] == (".jpg .jpeg .jpe .jfif .mpo", "yes")
    assert states["HEIC"][1] in ("yes", "no: pip install pi-heif")
    assert states["camera RAW"][1] in ("yes", "no: pip install rawpy")


@pytest.mark.parametrize("command", ["caption a.jpg", "evaluate --data a"])
@pytest.mark.parametrize("given", ["0", "51", "1.5", "wide"])
def test_a_beam_that_cannot_be_is_a_sentence_as_in_train(
    command: str, given: str
) -> None:
    done = CliRunner().invoke(main, [*command.split(), "--beam", given])
    assert done.exit_code == 2
    wrong = "is out of range; choose" if given in ("0", "51") else "is not"
    said = f"Invalid value for '--beam': {given} {wrong} a whole number, from 1 to 50."
    assert said in done.output
    assert "[from 1 to 50; default: " in help_of(command.split()[0])


def help_of(command: str) -> str:
    shown = CliRunner().invoke(main, [command, "--help"], terminal_width=999).output
    return " ".join(shown.split())


def test_the_help_names_each_format_of_caption_files() -> None:
    shown = help_of("caption")
    assert "into a file: .csv with image,caption, .json with COCO results, " in shown
    for end in WRITERS:
        assert f"{end} with " in shown
