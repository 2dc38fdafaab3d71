"""What the benchmarks found: rows of a table."""

import dataclasses
import operator
import statistics
from dataclasses import dataclass, field

AT_LEAST, AT_MOST = "≥", "≤"
_MEETS = {AT_LEAST: operator.ge, AT_MOST: operator.le}


@dataclass
class Row:
    """A figure with its goal.

    figures has the figure of each round; the row's is their median. times has what was measured for each
    contestant, in `unit`, as medians. problem says why there is no figure.
    """

    section: str
    name: str
    goal: tuple = ()
    figures: list = field(default_factory=list)
    times: dict = field(default_factory=dict)
    unit: str = "ms"
    peer: str = ""
    note: str = ""
    problem: str = ""

    @property
    def figure(self):
        return statistics.median(self.figures) if self.figures else None

    @property
    def is_met(self):
        """None where there is no goal or no figure."""
        if not self.goal or self.figure is None:
            return None
        return _MEETS[self.goal[0]](self.figure, self.goal[1])

    def json(self):
        return dataclasses.asdict(self) | {"figure": self.figure, "met": self.is_met}

    def cells(self):
        here = self.times.get("keratin")
        return [
            f"{self.section}: {self.name}",
            "–" if here is None else f"{number(here)} {self.unit}",
            f"{self.peer} {number(self.times[self.peer])}" if self.peer else "–",
            self._spread(),
            f"{self.goal[0]} {number(self.goal[1])}" if self.goal else "–",
            {True: "yes", False: "**no**", None: "–"}[self.is_met],
        ]

    def _spread(self):
        if self.problem:
            return self.problem
        if self.figure is None:
            return self.note
        spread = f" ({number(min(self.figures))}–{number(max(self.figures))})"
        note = f"; {self.note}" if self.note else ""
        return number(self.figure) + (spread if len(self.figures) > 1 else "") + note


def number(value):
    """Three figures, no exponent."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    digits = next((d for d in range(6) if abs(value) >= 10 ** (1 - d)), 6)
    return f"{value:.{digits + 1 if abs(value) < 10 else 1}f}"


def table(rows):
    """In Markdown, with columns that are straight in a terminal too."""
    cells = [["", "Keratin", "fastest peer", "ratio or figure (spread)", "goal", "met"]]
    cells += [row.cells() for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells)]
    cells.insert(1, ["-" * width for width in widths])
    lines = (" | ".join(cell.ljust(w) for cell, w in zip(line, widths)) for line in cells)
    return "\n".join(f"| {line} |" for line in lines)
