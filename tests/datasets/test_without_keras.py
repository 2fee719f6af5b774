"""Reading caption files and data sets loads no Keras."""

import pkgutil
import subprocess
import sys

import imagecap.captions
import imagecap.datasets


def test_neither_room_imports_keras_or_tensorflow() -> None:
    modules = [
        module.name
        for room in (imagecap.captions, imagecap.datasets)
        for module in pkgutil.iter_modules(room.__path__, f"{room.__name__}.")
    ]
    assert len(modules) > 10
    code = (
        f"import sys, {', '.join(modules)}\n"
        "print({name.partition('.')[0] for name in sys.modules} "
        "& {'keras', 'tensorflow', 'jax', 'torch'})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"
