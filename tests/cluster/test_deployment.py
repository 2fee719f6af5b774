"""The example of a cluster is one that Ray takes."""

from __future__ import annotations

import re
from pathlib import Path

import ray
import yaml
from ray.autoscaler._private.util import prepare_config, validate_config

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "cluster"


def test_ray_takes_the_description_of_the_cluster() -> None:
    config = yaml.safe_load((EXAMPLE / "ray-up.yaml").read_text())
    validate_config(prepare_config(config))
    assert config["head_node_type"] in config["available_node_types"]


def test_the_image_has_a_version_of_ray_that_is_tested() -> None:
    found = re.search(
        r"rayproject/ray:([\d.]+)-py3", (EXAMPLE / "Containerfile").read_text()
    )
    assert found
    assert found[1].split(".")[:1] == ray.__version__.split(".")[:1]
