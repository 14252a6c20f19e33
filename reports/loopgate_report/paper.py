"""Pages of A4, filled from the top: text that is wrapped, tables whose rows are never cut, pictures. Places are in mm from the top left."""
import bisect

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from loopgate_report.cell import printable
from loopgate_report.style import GRID, INK, SOFT

PAGE_W, PAGE_H = 210, 297
LEFT, RIGHT, TOP, BOTTOM = 18, 192, 16, 278
WIDTH = RIGHT - LEFT
_PT = 25.4 / 72  # mm
_LEADING = 1.32
_NARROWEST = 0.2  # of a letter's height; DejaVu Sans' i and l have 0.28
_GAP = 2.0  # between the columns of a table


def unit_of(shares):
    """The width of one share of a table's columns, in mm."""
    return (WIDTH - _GAP * (len(shares) - 1)) / sum(shares)


def _most(limit, fits, least=0):
    """The largest number up to the limit that fits, where each smaller one does, too; `least` where none does. Each try draws a text, so
    that they are few: a word of 4,000 letters took four minutes, one letter less at a time."""
    return bisect.bisect_left(range(least + 1, limit + 1), True, key=lambda n: not fits(n)) + least


class Paper:
    def __init__(self, foot):
        self.foot, self.pages, self.y = foot, [], TOP
        self._widths = {}
        self._new()

    def _new(self):
        figure = Figure(figsize=(PAGE_W / 25.4, PAGE_H / 25.4), facecolor="white")
        self.canvas = FigureCanvasAgg(figure)
        self.pages.append(figure)
        self.y = TOP

    def new_page(self):
        if self.y > TOP:
            self._new()

    def room(self, height):
        """Another page where this one has less."""
        if self.y + height > BOTTOM:
            self.new_page()

    def down(self, height):
        self.y += height

    def heading(self, text):
        self.room(30)
        self.y += 3 if self.y > TOP else 0
        self.text(text, size=11.5, weight="bold")

    def text(self, text, size=8.5, weight="normal", color=INK):
        for line in self.wrapped(text, WIDTH, size, weight):
            self.room(size * _PT * _LEADING)
            self._put(LEFT, self.y, line, size=size, weight=weight, color=color)
            self.y += size * _PT * _LEADING
        self.y += 1.2

    def table(self, columns, rows, widths=(), numbers=(), verdict=None, tones=None, size=7.5):
        count = len(columns or (rows[0] if rows else ()))
        shares = widths or (1,) * count
        unit = unit_of(shares) if count else 0
        lefts = [LEFT + sum(shares[:i]) * unit + i * _GAP for i in range(count)]
        line_mm = size * _PT * _LEADING

        def row_of(texts, weight):
            cells = [self.wrapped(str(text), shares[i] * unit, size, weight) for i, text in enumerate(texts)]
            return cells, max(len(lines) for lines in cells) * line_mm + 1.0

        def put(cells, height, weight, ruled):
            for i, lines in enumerate(cells):
                color = (tones or {}).get("".join(lines), INK) if i == verdict else SOFT if not columns and i == 0 else INK
                for k, line in enumerate(lines):
                    right = i in numbers
                    x = lefts[i] + shares[i] * unit if right else lefts[i]
                    self._put(x, self.y + k * line_mm, line, size=size, weight="bold" if i == verdict else weight, color=color, ha="right" if right else "left")
            self.y += height
            self._line(LEFT, RIGHT, self.y - 0.6, INK if ruled else GRID)

        head = row_of(columns, "bold") if columns else None
        if head:
            self.room(head[1] + 2 * line_mm)
            put(*head, "bold", True)
        for texts in rows:
            cells, height = row_of(texts, "normal")
            if self.y + height > BOTTOM:
                self.new_page()
                if head:
                    put(*head, "bold", True)
            put(cells, height, "normal", False)
        self.y += 2.5

    def picture(self, pixels, caption):
        height = min(WIDTH * pixels.shape[0] / pixels.shape[1], 110)
        width = height * pixels.shape[1] / pixels.shape[0]
        self.room(height + 12)
        axes = self.pages[-1].add_axes([LEFT / PAGE_W, 1 - (self.y + height) / PAGE_H, width / PAGE_W, height / PAGE_H])
        axes.imshow(pixels, aspect="auto", interpolation="none")
        axes.set_axis_off()
        self.y += height + 1
        self.text(caption, size=7.5, color=SOFT)

    def signature_line(self, left, right, name):
        self._line(left, right, self.y + 8, INK)
        self._put(left, self.y + 8.7, name, size=7, color=SOFT)

    def stamp_first(self, word):
        self.pages[0].text(0.5, 0.5, word, size=100, rotation=50, color="#a8201a", alpha=0.28, ha="center", va="center", weight="bold")

    def finished(self):
        """The pages, numbered."""
        for number, page in enumerate(self.pages, 1):
            page.text(LEFT / PAGE_W, 1 - 286 / PAGE_H, f"{printable(self.foot)} · page {number} of {len(self.pages)}", size=7, color=SOFT)
        return self.pages

    def wrapped(self, text, width, size, weight="normal"):
        """Lines of at most so many mm; a word that is longer is cut where it must be."""
        lines = []
        for paragraph in printable(text).split("\n") or [""]:
            line = ""
            for word in paragraph.split():
                longer = f"{line} {word}".strip()
                if self._fits(longer, width, size, weight):
                    line = longer
                    continue
                if line:
                    lines.append(line)
                line = word
                while len(line) > 1 and not self._fits(line, width, size, weight):
                    fits = _most(len(line) - 1, lambda n, line=line: self._fits(line[:n], width, size, weight), least=1)
                    lines.append(line[:fits])
                    line = line[fits:]
            lines.append(line)
        return lines

    def cut(self, text, width, size, lines, more, weight="normal"):
        """The text, or as much of its beginning as fills so many lines with `more` at its end."""
        text = printable(text)
        broken = self.wrapped(text, width, size, weight)
        if len(broken) <= lines:
            return text
        seen = sum(len("".join(line.split())) for line in broken[:lines])
        places = [i for i, letter in enumerate(text) if not letter.isspace()]
        end = places[seen - 1] + 1 if seen else 0
        end = _most(end, lambda n: len(self.wrapped(text[:n].rstrip() + more, width, size, weight)) <= lines)
        return text[:end].rstrip() + more

    def _fits(self, text, width, size, weight):
        """What is too long for the narrowest letters need not be drawn to be measured."""
        return len(text) * _NARROWEST * size * _PT <= width and self._width(text, size, weight) <= width

    def _width(self, text, size, weight):
        """In mm."""
        key = (text, size, weight)
        if key not in self._widths:
            probe = self.pages[0].text(0, 0, text, size=size, weight=weight)
            self._widths[key] = probe.get_window_extent(self.canvas.get_renderer()).width / self.pages[0].dpi * 25.4
            probe.remove()
        return self._widths[key]

    def _put(self, x, y, text, **options):
        self.pages[-1].text(x / PAGE_W, 1 - y / PAGE_H, text, va="top", **options)

    def _line(self, left, right, y, color):
        self.pages[-1].add_artist(Line2D([left / PAGE_W, right / PAGE_W], [1 - y / PAGE_H] * 2, color=color, linewidth=0.6))
