"""Draw the merge decoder as Keras sees it, for README.md: `docs/merge-model.png`.

Needs Graphviz and `pip install pydot`. The network is built by the very code that
training builds it with; only the sizes are those of the shipped model `fast`.
"""

from __future__ import annotations

from pathlib import Path

import click
import keras

from imagecap.model.bundle import find_bundle, load_bundle
from imagecap.training.networks.architectures import build_decoder
from imagecap.training.networks.encoders import build_encoder
from imagecap.training.networks.from_bundle import settings_of_bundle


@click.command()
@click.argument("output", type=click.Path(path_type=Path))
def main(output: Path) -> None:
    """Write the drawing to OUTPUT, a PNG file."""
    bundle = load_bundle(find_bundle("fast"))
    settings = settings_of_bundle(bundle)
    encoder = build_encoder(settings.encoder, download=False)
    decoder = build_decoder(settings, len(bundle.vocabulary), encoder)
    keras.utils.plot_model(
        decoder.training,
        output,
        show_shapes=True,
        show_layer_names=True,
        rankdir="TB",
        dpi=96,
    )


if __name__ == "__main__":
    main()
