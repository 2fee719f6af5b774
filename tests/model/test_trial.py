"""Models from elsewhere end in a sentence, whatever their networks do."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from PIL import Image

from imagecap import Captioner
from imagecap.model.bundle import (
    DECODER_START,
    DECODER_STEP,
    ENCODER,
    MANIFEST,
    BundleError,
    load_bundle,
)
from imagecap.model.sealing import update_bundle
from imagecap.model.trial import ensure_tried, is_shipped

MODELS = Path(__file__).parents[2] / "models"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A shipped model that may be changed."""
    folder = tmp_path / "model"
    shutil.copytree(MODELS / "fast", folder, ignore=shutil.ignore_patterns("*.h5"))
    content = json.loads((folder / MANIFEST).read_text("utf-8"))
    for name in [name for name in content["files"] if name.endswith(".h5")]:
        del content["files"][name]
    (folder / MANIFEST).write_text(json.dumps(content), "utf-8")
    return folder


def forge(model: Path, name: str, change: Callable[[schema.ModelT], None]) -> None:
    """Change a network, with its hash; LiteRT's own check finds nothing wrong."""
    network = schema.ModelT.InitFromPackedBuf((model / name).read_bytes())
    change(network)
    builder = flatbuffers.Builder()
    builder.Finish(network.Pack(builder), b"TFL3")
    bundle = load_bundle(model)
    update_bundle(bundle, bundle.manifest, {name: bytes(builder.Output())})


def other_operator(network: schema.ModelT) -> None:
    """Have an operator compute what its options are not for."""
    operators = network.subgraphs[0].operators
    first = operators[0].opcodeIndex
    other = next(one.opcodeIndex for one in operators if one.opcodeIndex != first)
    operators[-1].opcodeIndex = other


def no_output(network: schema.ModelT) -> None:
    network.subgraphs[0].outputs = []


def no_signature(network: schema.ModelT) -> None:
    network.signatureDefs = []


def unknown_input(network: schema.ModelT) -> None:
    network.subgraphs[0].inputs = [-1]


def many_numbers(network: schema.ModelT, times: int) -> None:
    """Have the last operator give the same numbers, a kilobyte, so many times over."""
    graph = network.subgraphs[0]
    shape = np.array([times, 1, 256], np.int32)
    network.buffers.append(schema.BufferT(data=shape.view(np.uint8)))
    graph.tensors.append(
        schema.TensorT(
            shape=[3],
            type=schema.TensorType.INT32,
            buffer=len(network.buffers) - 1,
            name="shape",
        )
    )
    broadcast = schema.BuiltinOperator.BROADCAST_TO
    network.operatorCodes.append(schema.OperatorCodeT(127, None, 2, broadcast))
    last = graph.operators[-1]
    last.opcodeIndex = len(network.operatorCodes) - 1
    last.builtinOptionsType, last.builtinOptions = 0, None
    last.inputs = [last.inputs[0], len(graph.tensors) - 1]


def test_a_network_that_ends_the_process_is_a_sentence(model: Path) -> None:
    forge(model, DECODER_START, other_operator)
    with pytest.raises(BundleError, match=f"{model} are damaged: they make.*crash"):
        Captioner.load(model)


@pytest.mark.parametrize("change", [no_output, no_signature, unknown_input])
def test_a_network_without_its_parts_is_named(
    model: Path, change: Callable[[schema.ModelT], None]
) -> None:
    forge(model, ENCODER, change)
    with pytest.raises(BundleError, match=r"encoder\.tflite"):
        Captioner(load_bundle(model)).caption(Image.new("RGB", (64, 64)))


@pytest.mark.parametrize("name", ["default", "fast"])
def test_a_shipped_model_is_known(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """If it was made anew, its manifest's SHA-256 belongs into `trial`."""
    assert is_shipped(load_bundle(MODELS / name))
    monkeypatch.setattr(sys, "executable", "no such program")
    Captioner.load(name)


def test_a_model_is_tried_once(
    model: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("IMAGECAP_CACHE", str(tmp_path / "cache"))
    with monkeypatch.context() as without:
        without.setattr(sys, "executable", "no such program")
        with pytest.raises(BundleError, match="cannot be tried"):
            Captioner.load(model)
    Captioner.load(model)
    monkeypatch.setattr(sys, "executable", "no such program")
    Captioner.load(model)
    (known,) = (tmp_path / "cache" / "tried-models").iterdir()
    # As the first trial left it, which let weights pass that are no numbers.
    known.write_bytes(b"")
    with pytest.raises(BundleError, match="cannot be tried"):
        Captioner.load(model)


def test_what_keeps_a_model_from_being_tried_is_no_fault_of_it(
    model: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("IMAGECAP_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(sys, "path", ["/nowhere"])
    with pytest.raises(BundleError, match=r"cannot be tried \(.*No module named"):
        ensure_tried(load_bundle(model))


@pytest.mark.skipif(sys.platform == "win32", reason="files know no such limit there")
def test_no_room_for_the_pictures_of_the_trial_is_no_fault_of_the_model(
    model: Path,
) -> None:
    code = (
        "import resource, sys; from pathlib import Path\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "from imagecap.model.bundle import load_bundle\n"
        "from imagecap.model.trial import ensure_tried\n"
        "ensure_tried(load_bundle(Path(sys.argv[1])))\n"
    )
    environment = {**os.environ, "IMAGECAP_CACHE": str(model.parent / "cache")}
    ran = subprocess.run(
        [sys.executable, "-c", code, str(model)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"{model} cannot be tried (File too large)" in ran.stderr


def test_a_model_is_used_where_nothing_can_be_remembered(
    model: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("IMAGECAP_CACHE", str(tmp_path / "file" / "cache"))
    assert Captioner.load(model).caption(Image.new("RGB", (64, 64))).text


def test_a_model_that_takes_too_long_is_refused(
    model: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("IMAGECAP_CACHE", str(tmp_path / "cache"))
    with pytest.raises(BundleError, match="takes more than 0 seconds"):
        ensure_tried(load_bundle(model), seconds=0.01)


@pytest.mark.parametrize("times", [700_000, 4_000_000])
def test_a_model_that_takes_too_much_memory_is_refused(model: Path, times: int) -> None:
    forge(model, DECODER_START, partial(many_numbers, times=times))
    with pytest.raises(BundleError, match=r"start\.tflite is no network that can be"):
        Captioner.load(model)


_KINDS = {schema.TensorType.FLOAT16: "<f2", schema.TensorType.FLOAT32: "<f4"}


def set_weights(network: schema.ModelT, worth: float, *, all_of_them: bool) -> None:
    """Give weights another worth: one of the largest tensor, or all."""
    buffers = [
        (network.buffers[tensor.buffer], _KINDS[tensor.type])
        for tensor in network.subgraphs[0].tensors
        if tensor.type in _KINDS and network.buffers[tensor.buffer].data is not None
    ]
    if not all_of_them:
        buffers = [max(buffers, key=lambda buffer: len(buffer[0].data))]
    for buffer, kind in buffers:
        weights = np.array(buffer.data, np.uint8).view(kind)
        weights[slice(None) if all_of_them else len(weights) // 2] = worth
        buffer.data = weights.view(np.uint8)


@pytest.mark.parametrize(
    ("name", "worth"),
    [
        (ENCODER, np.nan),
        (DECODER_START, np.nan),
        (DECODER_STEP, np.nan),
        (DECODER_STEP, -np.inf),
    ],
)
def test_a_weight_that_is_no_number_is_found(
    model: Path, name: str, worth: float
) -> None:
    """Even where no picture of the trial reaches it."""
    forge(model, name, lambda made: set_weights(made, worth, all_of_them=False))
    with pytest.raises(BundleError, match=rf"{model / name} is damaged: .+no number"):
        Captioner.load(model)


@pytest.mark.parametrize("name", [ENCODER, DECODER_STEP])
def test_what_a_network_gives_must_be_numbers(model: Path, name: str) -> None:
    """At any picture, and whatever the reason."""
    forge(model, name, lambda made: set_weights(made, np.nan, all_of_them=True))
    with pytest.raises(BundleError, match=rf"{name} does not suit .+no number"):
        Captioner(load_bundle(model)).caption(Image.effect_noise((64, 64), 50))
