"""The acceptance on A4 for signing, by matplotlib: no browser is needed. Equal folders give equal bytes."""
import io

from matplotlib import image
from matplotlib.backends.backend_pdf import PdfPages

from loopgate_report.acceptance import Facts, Items, Pictures, Table, Text
from loopgate_report.acceptance_parts import MEANINGS, SIGNING
from loopgate_report.paper import LEFT, RIGHT, WIDTH, Paper
from loopgate_report.style import settings

TONES = {"PASS": "#1b6e3c", "FAIL": "#a8201a", "INVALID": "#8a5a00", "INCONCLUSIVE": "#8a5a00", "NOT GATED": "#4a4a4a"}
_SIGNATURE_MM = 13


def pdf(acceptance, pictures):
    with settings():
        paper = Paper(f"{acceptance.fields.get('id', str)} · {acceptance.verdict}")
        _first_page(paper, acceptance)
        for section in acceptance.sections:
            paper.heading(section.title)
            for block in section.blocks:
                _put(paper, block, pictures)
        if acceptance.stamp:
            paper.stamp_first(acceptance.stamp)
        return _bytes(paper.finished(), acceptance.fields.get("title", str))


def _first_page(paper, acceptance):
    paper.text(acceptance.fields.get("title", str), size=14, weight="bold")
    paper.text(acceptance.verdict, size=20, weight="bold", color=TONES[acceptance.verdict])
    paper.text(MEANINGS[acceptance.verdict], size=10)
    for block in acceptance.summary:
        _put(paper, block, {})
    paper.heading("Signatures")
    paper.text(SIGNING)
    for _ in range(acceptance.fields.child("signatures").get("of", int)):
        paper.room(_SIGNATURE_MM)
        for i, name in enumerate(("name", "for", "date, signature")):
            paper.signature_line(LEFT + i * WIDTH / 3, RIGHT - (2 - i) * WIDTH / 3 - 4, name)
        paper.down(_SIGNATURE_MM)
    paper.new_page()


def _put(paper, block, pictures):
    if isinstance(block, Text):
        paper.text(block.text)
    elif isinstance(block, Facts):
        paper.table([], [[name, value] for name, value in block.rows], (1, 3.4))
    elif isinstance(block, Items):
        for item in block.items or [block.none]:
            paper.text("• " + item if block.items else item)
    elif isinstance(block, Table):
        paper.text(block.caption, size=7.5)
        paper.table(block.columns, block.rows, block.widths, block.numbers, block.verdict, TONES)
    elif isinstance(block, Pictures):
        for picture in pictures.get(block.of, []):
            paper.picture(image.imread(io.BytesIO(picture.png)), f"{picture.title}. {picture.caption}")


def _bytes(figures, title):
    file = io.BytesIO()
    with PdfPages(file, metadata={"Title": title, "CreationDate": None, "Producer": None, "Creator": "Loopgate"}) as pages:
        for figure in figures:
            pages.savefig(figure)
    return file.getvalue()
