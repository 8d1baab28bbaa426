"""The names a package promises are the objects it means, whatever was imported before."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest


@pytest.mark.parametrize("package", ["overbuild", "overbuild.probability"])
def test_no_module_hides_a_public_name(package: str) -> None:
    """A submodule of the same name would take its place once it is imported."""
    loaded = import_module(package)
    assert loaded.__file__ is not None
    beside = {path.stem for path in Path(loaded.__file__).parent.iterdir()}
    assert not beside & set(loaded.__all__)
    for name in loaded.__all__:
        assert getattr(loaded, name) is not None
