"""Where a build reads and writes; a quick build writes below ``build/quick`` and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from overbuild.pipeline.code import Sources


@dataclass(frozen=True)
class Plan:
    """The folders and choices of one build.

    Attributes
    ----------
    root
        The checkout.
    quick
        Fewer draws, and nothing that is committed is touched.
    refit
        Redo the forecasters even where their answers are on file.
    sources
        The code as it stands.
    """

    root: Path
    quick: bool = False
    refit: bool = False
    sources: Sources = field(default_factory=Sources)

    @property
    def data(self) -> Path:
        """The data."""
        return self.root / "data"

    @property
    def folder(self) -> Path:
        """Intermediate files and the state of the build; ignored by git."""
        return self.root / "build" / "quick" if self.quick else self.root / "build"

    @property
    def draws(self) -> int:
        """Draws of every bootstrap."""
        return 200 if self.quick else 5000

    @property
    def subsets(self) -> int:
        """Random halves of the list of booms."""
        return 100 if self.quick else 1000

    @property
    def changes(self) -> Path:
        """What a refit changed."""
        return self.folder / "changes"

    @property
    def results(self) -> Path:
        """Results as JSON."""
        return self.folder / "results"

    @property
    def filed(self) -> Path:
        """Answers of the forecasters on file."""
        return self.folder / "filed" if self.quick else self.data / "filed"

    @property
    def text(self) -> Path:
        """Sources of the paper, written by hand."""
        return self.root / "paper"

    @property
    def paper(self) -> Path:
        """Figures, tables, numbers and the paper itself."""
        return self.folder / "paper" if self.quick else self.text
