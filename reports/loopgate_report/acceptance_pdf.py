"""The acceptance on A4 for signing, by matplotlib: no browser is needed. Equal folders give equal bytes."""
import io

from matplotlib import image
from matplotlib.backends.backend_pdf import PdfPages

from loopgate_report.acceptance import Facts, Items, Pictures, Table, Text
from loopgate_report.acceptance_first import first_page, plain, put_facts, put_table
from loopgate_report.acceptance_parts import title_of
from loopgate_report.style import settings


def pdf(acceptance, pictures):
    with settings():
        paper, cut = first_page(f"{acceptance.fields.get('id', str)} · {acceptance.verdict}", acceptance)
        for section in (*cut, *acceptance.sections):
            paper.heading(section.title)
            for block in section.blocks:
                _put(paper, block, pictures)
        if acceptance.stamp:
            paper.stamp_first(acceptance.stamp)
        return _bytes(paper.finished(), title_of(acceptance))


def _put(paper, block, pictures):
    if isinstance(block, Text):
        paper.text(plain(block.text))
    elif isinstance(block, Facts):
        put_facts(paper, block)
    elif isinstance(block, Items):
        for item in block.items or [block.none]:
            paper.text("• " + item if block.items else item)
    elif isinstance(block, Table):
        put_table(paper, block)
    elif isinstance(block, Pictures):
        for picture in pictures.get(block.of, []):
            paper.picture(image.imread(io.BytesIO(picture.png)), f"{picture.title}. {picture.caption}")


def _bytes(figures, title):
    file = io.BytesIO()
    with PdfPages(file, metadata={"Title": title, "CreationDate": None, "Producer": None, "Creator": "Loopgate"}) as pages:
        for figure in figures:
            pages.savefig(figure)
    return file.getvalue()
