"""The page of an acceptance and what goes with it."""
from loopgate_report.acceptance import Facts, Items, Pictures, Table, Text
from loopgate_report.acceptance_parts import MEANINGS, SIGNING, title_of
from loopgate_report.acceptance_pdf import pdf
from loopgate_report.page import render, shown
from loopgate_report.pictures import draw_all

PDF = "acceptance.pdf"
_KINDS = {Facts: "facts", Items: "items", Pictures: "pictures", Table: "table", Text: "text"}
_DRAWN = ("overview", "histogram", "exceedance")


def acceptance_pictures(acceptance):
    """Of each run that the instrument measured; `load` becomes the run's name, which picks them."""
    for accepted in acceptance.runs:
        if accepted.run is None:
            continue
        for picture in draw_all(accepted.run, only=_DRAWN, stamp=acceptance.stamp):
            picture.alt = f"{picture.title} of {accepted.name}, {'load ' + picture.load if picture.load else 'all loads'}. The figures are in the table."
            picture.name, picture.load = f"{accepted.name}-{picture.name}", accepted.name
            yield picture


def acceptance_page(acceptance, pictures):
    return render(
        "acceptance.html.j2",
        title=title_of(acceptance),
        verdict=acceptance.verdict,
        stamp=acceptance.stamp,
        signing=SIGNING,
        meaning=MEANINGS[acceptance.verdict],
        kind_of=lambda block: _KINDS[type(block)],
        summary=acceptance.summary,
        sections=acceptance.sections,
        signatures=acceptance.fields.child("signatures").get("of", int),
        pictures={name: [{**shown(picture), "alt": picture.alt} for picture in of] for name, of in _by_run(pictures).items()},
    )


def acceptance_pdf(acceptance, pictures):
    return pdf(acceptance, _by_run(pictures))


def _by_run(pictures):
    of_run = {}
    for picture in pictures:
        of_run.setdefault(picture.load, []).append(picture)
    return of_run
