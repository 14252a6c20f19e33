"""A sheet of parts as the network sees them, each with its truth and the decision."""

import numpy
from PIL import Image, ImageDraw, ImageFont
from recipe import CLASSES

COLUMNS, ROWS = 6, 4
ZOOM = 2
TILE = 96 * ZOOM
CAPTION = 22
FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
GREY, RIGHT, WRONG = "#808080", "#d0d0d0", "#ff6050"


def choose(labels, decisions):
    """The first few of the set, and in the last row such as were misjudged, if there are any."""
    wrong = numpy.flatnonzero(labels != decisions)[:COLUMNS]
    right = numpy.flatnonzero(labels == decisions)[: COLUMNS * ROWS - len(wrong)]
    return [*right, *wrong]


def caption(truth, decision):
    """(text, colour): a good part that was found good is in grey."""
    text = f"{CLASSES[truth]}, judged {CLASSES[decision]}"
    if truth != decision:
        return text, WRONG
    return text, GREY if truth == 1 else RIGHT


def draw(images, labels, decisions, path):
    sheet = Image.new("RGB", (COLUMNS * TILE, ROWS * (TILE + CAPTION)), "black")
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.truetype(FONT, 14)
    for place, index in enumerate(choose(labels, decisions)):
        left, top = place % COLUMNS * TILE, place // COLUMNS * (TILE + CAPTION)
        sheet.paste(Image.fromarray(images[index]).resize((TILE, TILE), Image.Resampling.NEAREST), (left, top))
        text, colour = caption(int(labels[index]), int(decisions[index]))
        pen.text((left + 6, top + TILE + 2), text, fill=colour, font=font)
    sheet.save(path, optimize=True)
