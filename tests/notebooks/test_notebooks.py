"""Notebooks: each is sound Python on the package's own names, and runs from top to bottom in slow tests."""

from __future__ import annotations

import ast
import importlib
import json
import os
import re
from pathlib import Path

import pytest

from overbuild.errors import CheckFailedError, InputError
from overbuild.locations import require_root
from overbuild.pipeline import notebooks
from overbuild.pipeline.build import steps_of
from overbuild.pipeline.code import Sources
from overbuild.pipeline.notebooks import execute, modules_of, outside_requests, page, sources, title_of
from overbuild.pipeline.plan import Plan
from overbuild.pipeline.step import needed
from overbuild.pipeline.task_notebooks import asked_for, steps

ROOT = require_root()
EVERY = sources(ROOT)
HEADER = """# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---
"""
TINY = (
    HEADER
    + """
# %% [markdown]
# # A tiny notebook
#
# With $x^2$ and a [link](https://example.org/).

# %% tags=["parameters"]
quick = False

# %%
import matplotlib.pyplot as plt
from overbuild.settings import SEED

print("quick is", quick, SEED)
plt.plot([1, 2])
plt.show()
"""
)


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let kernels find the package that is tested, in whatever folder they run."""
    pytest.importorskip("papermill", reason="the extra 'notebooks' is not installed")
    package = str(Path(notebooks.__file__).parents[2])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([package, os.environ.get("PYTHONPATH", "")]))


def test_there_are_notebooks() -> None:
    assert "capital" in {path.stem for path in EVERY}


@pytest.mark.parametrize("path", EVERY, ids=lambda p: p.stem)
def test_notebook_is_sound(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith(HEADER), "the header names format, kernel and language"
    assert title_of(text)
    assert "Exercise" in text
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("overbuild"):
            module = importlib.import_module(str(node.module))
            for alias in node.names:
                assert not alias.name.startswith("_"), alias.name
                known = hasattr(module, alias.name) or f"{node.module}.{alias.name}" in Sources().modules
                assert known, f"{node.module} has no {alias.name}"
    assert modules_of(text, Sources().modules)


def test_prose_on_the_probability_types_no_numbers() -> None:
    text = (ROOT / "notebooks" / "probability.py").read_text(encoding="utf-8")
    prose = [c for c in text.split("\n# %%") if c.startswith(" [markdown]")]
    assert len(prose) > 10
    for cell in prose:
        assert not re.search(r"\d", re.sub(r"`[^`]*`|\bO[1-5]\b", "", cell)), cell
    of_results = ("sum", "ranges", "abstains", "inside view", "telecom", "rivals", "AI")
    for part in (*of_results, "choice", "Weights", "others", "your own"):
        assert any(line.startswith("# ## ") and part in line for line in text.splitlines()), part


@pytest.mark.slow
@pytest.mark.parametrize("path", EVERY, ids=lambda p: p.stem)
@pytest.mark.usefixtures("kernel")
def test_notebook_runs(path: Path, tmp_path: Path) -> None:
    execute(path, tmp_path / "run.ipynb", quick=True, home=tmp_path)
    page(tmp_path / "run.ipynb", tmp_path / "run.html", "Run")
    assert not outside_requests((tmp_path / "run.html").read_text(encoding="utf-8"))


@pytest.mark.usefixtures("kernel")
def test_page_asks_no_other_host(tmp_path: Path) -> None:
    source = tmp_path / "tiny.py"
    source.write_text(TINY, encoding="utf-8")
    execute(source, tmp_path / "tiny.ipynb", quick=True, home=tmp_path)
    page(tmp_path / "tiny.ipynb", tmp_path / "tiny.html", "Tiny & small")
    text = (tmp_path / "tiny.html").read_text(encoding="utf-8")
    assert "quick is True" in text
    assert "data:image/png;base64," in text
    assert "<title>Tiny &amp; small</title>" in text
    assert "<script" not in text
    assert 'href="https://example.org/"' in text
    cells = json.loads((tmp_path / "tiny.ipynb").read_text(encoding="utf-8"))["cells"]
    assert any(cell["cell_type"] == "code" and cell["outputs"] for cell in cells)


@pytest.mark.usefixtures("kernel")
def test_failing_cell_is_told_with_its_error(tmp_path: Path) -> None:
    source = tmp_path / "broken.py"
    source.write_text(HEADER + "\n# %%\n1 / 0\n", encoding="utf-8")
    with pytest.raises(CheckFailedError, match=r"broken\.py fails in cell 1: ZeroDivisionError"):
        execute(source, tmp_path / "broken.ipynb", quick=False, home=tmp_path)
    assert not (tmp_path / "broken.ipynb").exists()


def test_requests_to_other_hosts_are_found_and_links_are_not() -> None:
    assert outside_requests('<script src="https://cdn.example.org/x.js"></script>')
    assert outside_requests("<link rel=stylesheet href=//example.org/x.css>")
    assert outside_requests('<img alt="" src="http://example.org/x.png">')
    assert outside_requests("<style>@import 'x.css'; p { background: url(https://example.org/x) }</style>")
    assert outside_requests("<script>import('https://example.org/m.mjs')</script>")
    assert not outside_requests('<a href="https://example.org">x</a> <img src="data:image/png;base64,x">')


def test_steps_are_asked_for_by_name_and_rest_on_their_code() -> None:
    made = {step.id: step for step in steps(Plan(ROOT, quick=True))}
    assert set(made) == {"notebooks", *(f"notebook_{p.stem}" for p in EVERY)}
    own = made["notebook_capital"]
    assert "overbuild.models.capital" in own.modules
    assert own.produces["page"] == ROOT / "build" / "quick" / "notebooks" / "capital.html"
    assert own.settings["quick"] is True
    assert asked_for(["notebooks"]) and asked_for(["notebook_capital", "paper"])
    assert not asked_for(()) and not asked_for(["paper"])


@pytest.mark.parametrize("quick", [True, False])
def test_notebook_on_results_rests_on_what_is_filed(quick: bool) -> None:
    made = {step.id: step for step in steps(Plan(ROOT, quick=quick))}
    own, other = made["notebook_probability"], made["notebook_capital"]
    filed = ROOT / "data" / "filed"
    for name in ("combination/weights.json", "hindcasts/telecom.json", "hindcasts/ai.json"):
        assert own.reads[f"filed/{name}"] == filed / name
        assert f"filed/{name}" not in other.reads
    assert {"overbuild.models.regimes", "overbuild.probability.own_weights"} <= set(own.modules)
    before = needed(steps_of(Plan(ROOT, quick=quick), notebooks=True), ["notebook_probability"])
    fits = {s.id for s in before} & {"combination", "hindcasts", "estimate_regimes_ai"}
    assert len(fits) == (0 if quick else 3)


def test_modules_and_headings_are_read_from_the_source() -> None:
    text = "# # Title\nimport overbuild.settings\nfrom overbuild.core import periods, digest\nimport numpy\n"
    known = ("overbuild.settings", "overbuild.core", "overbuild.core.periods", "overbuild.core.digest")
    assert modules_of(text, known) == tuple(sorted(known))
    assert title_of(text) == "Title"
    with pytest.raises(InputError, match="heading"):
        title_of("x = 1")


def test_missing_extra_is_told_plainly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", absent)
    with pytest.raises(InputError, match=r"Install the extra: pip install 'overbuild\[notebooks\]'"):
        execute(EVERY[0], tmp_path / "x.ipynb", quick=True, home=tmp_path)
