"""Folders with data sets, as test files make and read them."""

from pathlib import Path

from imagecap.datasets.dataset import Dataset


def made(root: Path, files: dict[str, str | bytes], pictures: str = "") -> Path:
    """Writes a folder; pictures are empty, because reading captions opens none."""
    root.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    for name in pictures.split():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def names(data: Dataset) -> dict[str, list[str]]:
    return {
        split: [example.name for example in examples]
        for split, examples in data.splits.items()
    }


def everything(data: Dataset) -> dict[str, tuple[str, ...]]:
    return {
        example.name: example.captions
        for examples in data.splits.values()
        for example in examples
    }


def tokens(*pictures: str) -> str:
    return "".join(
        f"{name}#{index}\tCaption {index} of {name} .\n"
        for name in pictures
        for index in range(2)
    )


ORIGINAL = {
    "Flickr8k.token.txt": tokens("a.jpg", "b.jpg", "c.jpg"),
    "Flickr_8k.trainImages.txt": "b.jpg\n",
    "Flickr_8k.devImages.txt": "a.jpg\n",
    "Flickr_8k.testImages.txt": "c.jpg\n",
}
