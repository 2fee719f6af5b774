"""What the documentation names is there: files, headings, commands, their options."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from imagecap.commands import main as program

REPOSITORY = Path(__file__).resolve().parent.parent
LINK = re.compile(r"\]\(([^)\s]+)\)")
OPTION = re.compile(r"(?<![\w-])--?[a-z][a-z-]*")
IMAGECAP = next(one for one in vars(program).values() if isinstance(one, click.Group))


def documents() -> list[str]:
    """All Markdown files of the repository, as paths from its top."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    return listed.stdout.splitlines()


def read(document: str) -> str:
    return (REPOSITORY / document).read_text(encoding="utf-8")


def section(document: str, title: str) -> str:
    """What stands below a heading of the second level."""
    return read(document).partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def prose_and_blocks(document: str) -> tuple[str, list[str]]:
    """What stands outside fences, and the blocks between them."""
    parts = re.split(r"^```.*\n", read(document), flags=re.MULTILINE)
    return "\n".join(parts[::2]), parts[1::2]


def anchors(document: str) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    prose, _ = prose_and_blocks(document)
    titles = re.findall(r"^#+ (.*)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in titles}


def code(document: str) -> Iterator[str]:
    """The lines of code in a document, those that end in a backslash joined."""
    prose, blocks = prose_and_blocks(document)
    for block in blocks:
        yield from block.replace("\\\n", " ").splitlines()
    yield from re.findall(r"^ {4}(\S.*)$", prose, re.MULTILINE)
    yield from (" ".join(one.split()) for one in re.findall(r"`([^`]+)`", prose))


@pytest.mark.parametrize("document", documents())
def test_links_lead_somewhere(document: str) -> None:
    dead = []
    for link in LINK.findall(read(document)):
        target, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        path = (REPOSITORY / document).parent / target
        if not target:
            path = REPOSITORY / document
        if not path.exists() or (anchor and anchor not in anchors(str(path))):
            dead.append(link)
    assert dead == []


def test_the_readme_is_a_page() -> None:
    assert len(read("README.md").splitlines()) <= 150


def problems_of(line: str) -> Iterator[str]:
    """What a line of code calls of `imagecap` that is not there."""
    for called in re.findall(r"(?:^|&& |/)imagecap ([^|&#;>]*)", line):
        words = called.split()
        command: click.Command = IMAGECAP
        context = click.Context(command)
        while isinstance(command, click.Group) and words and words[0].islower():
            if words[0][0] == "-":
                break
            found = command.get_command(context, words[0])
            if found is None:
                yield f"{words[0]} in “{line}”"
                return
            command = found
            del words[0]
        known = {name for one in command.params for name in one.opts}
        for option in OPTION.findall(" ".join(words)):
            if option not in known | {"-h", "--help"}:
                yield f"{option} in “{line}”"


@pytest.mark.parametrize("document", documents())
def test_commands_and_their_options_are_there(document: str) -> None:
    found = [problem for line in code(document) for problem in problems_of(line)]
    assert found == []


@pytest.fixture(scope="module")
def training_help() -> str:
    from imagecap.commands.train import main

    done = CliRunner().invoke(main, ["--help"], env={"COLUMNS": "200"})
    assert done.exit_code == 0
    return " ".join(done.output.split())


def test_options_of_training_are_there(training_help: str) -> None:
    named = {
        option
        for document in documents()
        for line in code(document)
        for called in re.findall(r"train\.py([^|&#;>]*)", line)
        for option in OPTION.findall(called)
    }
    table = re.findall(r"`([^`]+)`", section("docs/training.md", "Options"))
    named.update(option for line in table for option in OPTION.findall(line))
    assert len(named) > 20
    assert named - set(OPTION.findall(training_help)) == set()


def test_the_page_on_training_names_every_encoder(training_help: str) -> None:
    names = re.search(r"--encoder \[([^]]+)\]", training_help)
    assert names is not None
    table = section("docs/training.md", "Encoders").partition("\n|---")[2]
    named = re.findall(r"`([a-z0-9_]+)`", table)
    assert sorted(named) == sorted(names[1].replace(" ", "").split("|"))


def test_the_page_for_contributors_names_every_room() -> None:
    page = read("imagecap/README.md")
    rooms = [path.parent.name for path in REPOSITORY.glob("imagecap/*/__init__.py")]
    assert [room for room in rooms if f"({room})" not in page] == []


@pytest.mark.parametrize("document", documents())
def test_modules_are_there(document: str) -> None:
    """Named by their path from the top, or from `imagecap/`."""
    prose, _ = prose_and_blocks(document)
    named = re.findall(r"`((?:\w+/)+\w+\.py)`", prose)
    missing = [
        name
        for name in named
        if not any((REPOSITORY / top / name).is_file() for top in ("", "imagecap"))
    ]
    assert missing == []
