"""Figures have the paper's look and the same bytes whenever they are drawn."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest

from overbuild.exhibits import style
from overbuild.exhibits.base import Inputs


def _draw(stem: Path) -> tuple[bytes, bytes]:
    with style.applied():
        figure, (left, right) = style.panels(1, 2)
        for axes, name in ((left, "ai"), (right, "telecom")):
            axes.plot([0, 1, 2], [0.1, 0.4, 0.2], **style.LOOKS[name].of_line(marked=True))
            style.label(axes, 2, 0.2, name, style.LOOKS[name])
            style.letter(axes, "A", "Müller’s $x^2$")
            style.percent(axes)
        svg, png = style.save(figure, stem)
    return svg.read_bytes(), png.read_bytes()


def test_the_same_figure_has_the_same_bytes(tmp_path: Path) -> None:
    assert _draw(tmp_path / "a") == _draw(tmp_path / "b")


def test_the_svg_keeps_letters_and_takes_the_font_of_the_paper(tmp_path: Path) -> None:
    text = _draw(tmp_path / "a")[0].decode()
    assert "Müller’s" in text
    assert "'Libertinus Serif', 'STIXGeneral', serif" in text
    assert "<dc:date>" not in text


def test_the_style_does_not_leak() -> None:
    import matplotlib as mpl

    before = mpl.rcParams["font.family"]
    with style.applied():
        assert mpl.rcParams["font.family"] == ["STIXGeneral"]
    assert mpl.rcParams["font.family"] == before


def test_no_two_looks_share_colour_line_or_marker() -> None:
    for a, b in combinations(style.LOOKS.values(), 2):
        assert a.color != b.color
        assert a.line != b.line
        assert a.marker != b.marker


def test_an_exhibit_sees_only_what_it_names() -> None:
    inputs = Inputs({"measures_ai": {}})
    assert inputs.result("measures_ai") == {}
    with pytest.raises(Exception, match=r"No result named in NEEDS 'score_ai'\. Available: measures_ai"):
        inputs.result("score_ai")
    with pytest.raises(ValueError, match="names no data file"):
        _ = inputs.book
