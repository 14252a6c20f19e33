"""The first page of the PDF, which is the one that is signed: all of it is on one page, however long the texts are that others wrote."""
from loopgate_report.acceptance import Facts, Section, Table, Told
from loopgate_report.acceptance_parts import MEANINGS, SIGNING, title_of
from loopgate_report.paper import LEFT, RIGHT, WIDTH, Paper, unit_of

TONES = {"PASS": "#1b6e3c", "FAIL": "#a8201a", "INVALID": "#8a5a00", "INCONCLUSIVE": "#8a5a00", "NOT GATED": "#4a4a4a"}
FACTS = (1, 3.4)
MORE = "\N{HORIZONTAL ELLIPSIS} (in full below)"
_TABLE_SIZE, _TITLE_SIZE = 7.5, 14
_SIGNATURE_MM = 13
_SIGNATURES = 4  # on the first page
# Lines of a text, rows of the table of verdicts: the first ones with which it is one page.
_ROOM = ((40, 40), (8, 20), (4, 12), (2, 8), (1, 4))
_WORST_FIRST = ("INVALID", "FAIL", "INCONCLUSIVE", "NOT GATED", "PASS")


def first_page(foot, acceptance):
    """The paper, at its second page, and the sections of what has no room on the first."""
    for lines, rows in _ROOM:
        paper, cut = Paper(foot), []
        _fill(paper, acceptance, lines, rows, cut)
        if len(paper.pages) == 1:
            break
    paper.new_page()
    left = acceptance.fields.child("signatures").get("of", int) - _SIGNATURES
    if left > 0:
        paper.heading("Signatures, continued")
        _sign(paper, left)
    return paper, [Section("The first page in full", cut)] if cut else []


def _fill(paper, acceptance, lines, rows, cut):
    title = title_of(acceptance)
    shown = paper.cut(title, WIDTH, _TITLE_SIZE, lines, MORE, "bold")
    whole = [] if shown == title else [("title", title)]
    paper.text(shown, size=_TITLE_SIZE, weight="bold")
    paper.text(acceptance.verdict, size=20, weight="bold", color=TONES[acceptance.verdict])
    paper.text(MEANINGS[acceptance.verdict], size=10)
    for block in acceptance.summary:
        if isinstance(block, Table):
            put_table(paper, _worst(paper, block, lines, rows, cut))
        else:
            put_facts(paper, Facts([_cut_fact(paper, fact, lines, whole) for fact in block.rows]))
    if whole:
        cut.insert(0, Facts(whole))
    paper.heading("Signatures")
    of = acceptance.fields.child("signatures").get("of", int)
    paper.text(SIGNING + (f" Of {of:,} lines to sign on, {_SIGNATURES} are here and {of - _SIGNATURES:,} on the pages that follow." if of > _SIGNATURES else ""))
    _sign(paper, min(of, _SIGNATURES))


def _cut_fact(paper, fact, lines, whole):
    name, value = fact
    text = plain(value)
    shown = paper.cut(text, unit_of(FACTS) * FACTS[1], _TABLE_SIZE, lines, MORE)
    if len(shown) < len(text) or shown.endswith(MORE):
        whole.append((name, text))
    return name, shown


def _worst(paper, table, lines, rows, cut):
    """As many of its rows, none of them long; where any is left out, the worst come first."""
    unit = unit_of(table.widths)
    fitted = [[paper.cut(text, share * unit, _TABLE_SIZE, lines, "\N{HORIZONTAL ELLIPSIS}") for text, share in zip(row, table.widths)] for row in table.rows]
    left = len(fitted) - rows
    if left <= 0 and fitted == table.rows:
        return table
    cut.append(table)
    caption = table.caption
    if left > 0:
        fitted = sorted(fitted, key=lambda row: _WORST_FIRST.index(row[table.verdict]))[:rows]
        caption = f"{caption} The worst {rows} of {len(table.rows):,}; the others are below."
    return Table(caption, table.columns, fitted, table.numbers, table.verdict, table.widths)


def _sign(paper, count):
    for _ in range(count):
        paper.room(_SIGNATURE_MM)
        for i, name in enumerate(("name", "for", "date, signature")):
            paper.signature_line(LEFT + i * WIDTH / 3, RIGHT - (2 - i) * WIDTH / 3 - 4, name)
        paper.down(_SIGNATURE_MM)


def plain(text):
    return text.plain if isinstance(text, Told) else text


def put_facts(paper, block):
    paper.table([], [[name, plain(value)] for name, value in block.rows], FACTS)


def put_table(paper, block):
    paper.text(block.caption, size=_TABLE_SIZE)
    paper.table(block.columns, block.rows, block.widths, block.numbers, block.verdict, TONES)
