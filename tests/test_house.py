"""The rooms of the program: imports run one way, downwards, and never in a circle."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]

# From the ground up: a room imports from floors below its own, from no other one.
# Deeper names first where one lies in another: `evaluation` is what is left of it.
FLOORS = (
    (
        "imagecap.counted",
        "imagecap.errors",
        "imagecap.html",
        "imagecap.interval",
        "imagecap.native_messages",
        "imagecap.progress",
        "imagecap.provenance",
    ),
    ("imagecap.files", "imagecap.start", "imagecap.unpickling"),
    ("imagecap.pictures", "imagecap.text", "imagecap.speech"),
    ("imagecap.settings",),
    ("imagecap.captions", "imagecap.model"),
    ("imagecap",),
    ("imagecap.library", "imagecap.datasets", "imagecap.desktop"),
    ("imagecap.gallery",),
    ("imagecap.web",),
    ("imagecap.evaluation.metrics",),
    ("imagecap.evaluation.errors",),
    ("imagecap.evaluation",),
    ("imagecap.evaluation.report",),
    ("imagecap.evaluation.calibration",),
    ("imagecap.training.declaration",),
    ("imagecap.training.settings",),
    ("imagecap.training.networks",),
    ("imagecap.training.features", "imagecap.training.batches"),
    ("imagecap.training.run",),
    ("imagecap.training.export",),
    ("imagecap.training.adaptation",),
    ("imagecap.training",),
    ("imagecap.cluster",),
    (
        "imagecap.commands",
        "gui.strings",
        "gui.dialog_strings",
        "gui.album",
        "gui.announcer",
    ),
    ("imagecap.__main__", "gui.services"),
    ("gui.widgets",),
    ("gui.looked_at",),
    ("gui.session",),
    ("gui.controllers",),
    ("gui.view_menu",),
    ("gui.menus", "gui.context_menus"),
    ("gui.window",),
    ("gui.app",),
    ("gui", "gui.__main__", "train", "run_gui"),
)

# The command that opens the window is the one door upwards.
DOORS = {("imagecap.commands.gui", "gui.app")}

# What only training may load, and never for a caption.
HEAVY = ("keras", "tensorflow", "jax")

Imports = Mapping[str, frozenset[str]]


def find_modules(root: Path) -> dict[str, Path]:
    """Module of the program → its file."""
    files = {
        ".".join(path.relative_to(root).with_suffix("").parts): path
        for package in ("imagecap", "gui")
        for path in (root / package).rglob("*.py")
    }
    scripts = {path.stem: path for path in root.glob("*.py")}
    modules = {name.removesuffix(".__init__"): path for name, path in files.items()}
    return scripts | modules


def read_imports(root: Path) -> dict[str, frozenset[str]]:
    """Module → the modules of the program it imports, wherever in it that stands."""
    modules = find_modules(root)
    return {
        name: frozenset(
            imported
            for imported in _imported(name, path, modules)
            if imported in modules and imported != name
        )
        for name, path in modules.items()
    }


def _imported(name: str, path: Path, modules: Iterable[str]) -> Iterator[str]:
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) == "import_module":
            # Whatever chooses between several, each is in it as a constant.
            for part in ast.walk(node):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield part.value
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*(parts if node.level else []), node.module or ""])
            base = base.strip(".")
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                yield inner if inner in modules else base


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def room_of(module: str) -> tuple[int, str]:
    """The floor and the name of the room that a module belongs to.

    A package of that name alone is `imagecap`, `gui` or a script: what lies in them
    must be listed.
    """
    found = [
        (floor, room)
        for floor, rooms in enumerate(FLOORS)
        for room in rooms
        if module == room or ("." in room and module.startswith(f"{room}."))
    ]
    if not found:
        pytest.fail(f"{module} is in no room of FLOORS; give it a place there.")
    return max(found, key=lambda one: len(one[1]))


def arrows_upwards(imports: Imports) -> list[str]:
    """Every import from a room on the same floor or above."""
    return sorted(
        f"{module} imports {imported}"
        for module, others in imports.items()
        for imported in others
        if (module, imported) not in DOORS
        and room_of(imported)[1] != room_of(module)[1]
        and room_of(imported)[0] >= room_of(module)[0]
    )


def test_imports_run_downwards() -> None:
    assert arrows_upwards(read_imports(REPOSITORY)) == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    TopologicalSorter(read_imports(REPOSITORY)).prepare()


def test_only_the_start_knows_the_window() -> None:
    imports = read_imports(REPOSITORY)
    assert {m for m, others in imports.items() if "gui.window" in others} == {"gui.app"}


def test_only_training_loads_keras() -> None:
    loading = {
        name
        for name, path in find_modules(REPOSITORY).items()
        if not name.startswith("imagecap.training.")
        and any(one.split(".")[0] in HEAVY for one in _imported(name, path, ()))
    }
    assert loading == set()


def plant(folder: Path, **modules: str) -> Imports:
    (folder / "imagecap" / "model").mkdir(parents=True)
    for name, text in modules.items():
        (folder / "imagecap" / "model" / f"{name}.py").write_text(text)
    (folder / "imagecap" / "library.py").write_text("")
    return read_imports(folder)


def test_a_planted_circle_is_found(tmp_path: Path) -> None:
    imports = plant(
        tmp_path,
        first="import imagecap.model.second",
        second="def late():\n    from imagecap.model import first",
    )
    with pytest.raises(CycleError, match=r"imagecap\.model\.first"):
        TopologicalSorter(imports).prepare()


@pytest.mark.parametrize(
    "text",
    [
        "import imagecap.library",
        "from imagecap import library",
        "def late():\n    from ..library import Library",
        "if TYPE_CHECKING:\n    from imagecap.library import Library",
        "def late():\n    importlib.import_module('imagecap.library')",
    ],
)
def test_a_planted_arrow_upwards_is_found(tmp_path: Path, text: str) -> None:
    upwards = arrows_upwards(plant(tmp_path, beam_search=text))
    assert upwards == ["imagecap.model.beam_search imports imagecap.library"]


def test_a_room_without_a_place_is_found(tmp_path: Path) -> None:
    plant(tmp_path, beam_search="")
    (tmp_path / "imagecap" / "attic.py").write_text("import imagecap.model.beam_search")
    imports = read_imports(tmp_path)
    with pytest.raises(pytest.fail.Exception, match=r"imagecap\.attic is in no room"):
        arrows_upwards(imports)


def test_test_files_can_be_told_apart() -> None:
    """They are imported by their bare names, and so is each conftest.py."""
    files = list((REPOSITORY / "tests").rglob("*.py"))
    names = Counter(path.name for path in files if path.name != "conftest.py")
    assert [name for name, count in names.items() if count > 1] == []
    imports = re.compile("^from conftest", re.MULTILINE)
    assert [path for path in files if imports.search(path.read_text())] == []
