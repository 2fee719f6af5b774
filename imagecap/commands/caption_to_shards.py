"""Many pictures captioned by the command line into a folder of shards."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from contextlib import ExitStack, redirect_stdout

import click

from imagecap.commands.console import Stopped
from imagecap.commands.shard_options import Shards
from imagecap.counted import counted
from imagecap.model.bundle import MANIFEST
from imagecap.model.captioner import Captioner
from imagecap.progress import progress_bar


def caption_into_folder(
    captioner: Captioner,
    images: Sequence[str],
    beam_width: int | None,
    wanted: Shards,
) -> int:
    """Caption pictures with progress into a folder of shards.

    Args:
        captioner: The model.
        images: Addresses of folders, pictures, files with pictures, and lists.
        beam_width: Captions kept in parallel by the search; the model's own by default.
        wanted: What is wanted.

    Returns:
        How many pictures have no caption.

    Raises:
        ImagecapError: If something is not there, or cannot be read or written.
        Stopped: On Ctrl-C; finished shards are kept.
    """
    from imagecap.cluster.describing import Work, caption_filler
    from imagecap.cluster.manifest import RunManifest
    from imagecap.cluster.plan import PICTURES_IN_PART
    from imagecap.cluster.run import (
        Engine,
        InThisProcess,
        caption_into_shards,
        prepare,
    )
    from imagecap.cluster.units import name_inputs

    bundle = captioner.bundle
    model = hashlib.sha256((bundle.folder / MANIFEST).read_bytes()).hexdigest()
    confidence = bundle.manifest.confidence
    run = RunManifest(
        name_inputs(images),
        bundle.identity,
        model,
        beam_width,
        wanted.form,
        confidence.threshold if confidence else None,
    )
    work = Work(wanted.folder, model, wanted.form, beam_width, wanted.retries)
    with ExitStack() as stack:
        prepared = stack.enter_context(prepare(wanted.folder, run))
        engine: Engine
        if wanted.engine:
            from imagecap.cluster.describing import caption_worker
            from imagecap.cluster.on_ray import OnRay

            # Of machines that are lost, Ray tells on the stream of results.
            stack.enter_context(redirect_stdout(sys.stderr))
            worker = caption_worker(bundle, work)
            engine = stack.enter_context(
                OnRay(worker, work.output, PICTURES_IN_PART, wanted.address)
            )
        else:
            filler = caption_filler(captioner, work)
            engine = InThisProcess(filler, work.output, PICTURES_IN_PART)
        bar = stack.enter_context(progress_bar("Captioning", None))

        def planned(total: int, done: int) -> None:
            bar.total = total
            bar.update(done)

        try:
            tally = caption_into_shards(prepared, work, engine, planned, bar.update)
        except KeyboardInterrupt as stop:
            raise Stopped("The same command goes on from there.") from stop
    known = f", {tally.known:,} of them from before" if tally.known else ""
    click.echo(
        f"{counted(tally.done, 'caption')} written into {wanted.folder}, which has "
        f"{counted(tally.shards, 'shard')}{known}."
    )
    return tally.failed
