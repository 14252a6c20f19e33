"""The classic table as plain text: for the terminal, table.txt and README (ci/readme_figures), in the form of the gate's tables."""
from loopgate_report import published
from loopgate_report.cell import printable
from loopgate_report.sheet import time_text
from loopgate_report.table_figure import NONE


def table_text(table, parts):
    blocks = [
        _heading(parts, table.classic) + _rows(table, table.classic) + _notes(table, table.classic),
        _published(),
        ["the rest"] + _rows(table, table.rest) + _notes(table, table.rest) + _invalid(table),
    ]
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _heading(parts, rows):
    suites = list(dict.fromkeys(row.suite for row in rows if row.suite))
    named = f"suite{'s' * (len(suites) > 1)} {', '.join(suites)} · " if suites else ""
    return [printable(f"{named}board {parts[0].info.child('board').get('name', str)} · {time_text(parts[0].run)}")]


def _rows(table, rows):
    head = ["figure, load", *table.kernels, "count", "measured by"]
    # No place is empty: who reads the table by its columns (ci/readme_figures) must find as many in each row.
    return aligned([head, *([row.name, *(row.figures[k].text for k in table.kernels), row.count or NONE, row.source] for row in rows)])


def _notes(table, rows):
    return [printable(f"{of}: {why}") for of, why in table.notes(rows)]


def _invalid(table):
    return [printable(f"{where}: {word}: {why}") for where, word, why in table.invalid]


def _published():
    rows = [["", *published.KERNELS], *([name, *figures] for name, figures in published.ROWS)]
    return [f"{published.MARK}: for orientation, in no row with the figures above", *aligned(rows, last_left=False)]


def aligned(rows, last_left=True):
    """The first column stands left, and the last one where it is of words; numbers right."""
    rows = [[printable(text) for text in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows)]
    left = (0, len(widths) - 1) if last_left else (0,)

    def line(row):
        return "  ".join(text.ljust(width) if i in left else text.rjust(width) for i, (text, width) in enumerate(zip(row, widths))).rstrip()

    return [line(row) for row in rows]
