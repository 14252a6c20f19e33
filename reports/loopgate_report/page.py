"""index.html: one page that needs nothing but itself."""
import base64
import hashlib
from pathlib import Path

import jinja2
from markupsafe import Markup

from loopgate_report import page_decisions, page_explain, replicates, units, work
from loopgate_report.asked_for import asked_for_parts
from loopgate_report.audit import audit_rows
from loopgate_report.axis import clock
from loopgate_report.broken import broken_cells, broken_count
from loopgate_report.cell import printable
from loopgate_report.page_cells import cell_rows
from loopgate_report.page_method import method
from loopgate_report.page_parts import (
    environment_rows,
    fact_rows,
    inputs,
    load_part,
    verdict_part,
)
from loopgate_report.payload import payload_rows
from loopgate_report.sections import COLUMNS as SECTION_COLUMNS
from loopgate_report.sections import section_rows
from loopgate_report.worst_case import COLUMNS as WORST_CASE_COLUMNS
from loopgate_report.worst_case import worst_case_rows
from loopgate_report.sheet import time_text

SVG_BYTES_MAX = 400_000  # a larger picture goes in as PNG, when that is smaller

# On paper everything must be open, but for what is only there to look something up.
_SCRIPT = (
    'addEventListener("beforeprint",()=>'
    'document.querySelectorAll("details:not(.screen)").forEach(d=>d.open=true))'
)

MEANINGS = {
    "PASS": "Every gated kernel kept what the policy demands.",
    "FAIL": "A kernel broke what the policy demands, or failed altogether.",
    "INCONCLUSIVE": "There is not enough evidence for a verdict.",
    "INVALID": "Load, tuning or kernel was not as asked for, or payload or bench failed: this run says nothing about the kernels concerned.",
}


def texts(run):
    """All that the page says beside its pictures. Refuses what is wrong in the run's description."""
    info = run.info
    named = {
        key: {
            "name": info.child(key).get("name", str),
            "title": info.child(key).get("title", str, "").rstrip("."),
        }
        for key in ("suite", "board")
    }
    verdict = verdict_part(run.verdict)
    loads = [load_part(run, load) for load in info.children("loads")]
    return dict(
        **named,
        **inputs(run),
        clock=clock(run.time_base),
        time_text=time_text(run),
        headline=verdict["verdict"] if verdict else "No verdict yet",
        started=info.child("circumstances").get("started", str),
        loopgate=info.get("loopgate", str, "of unknown version"),
        verdict=verdict,
        meaning=MEANINGS.get(verdict["verdict"]) if verdict else None,
        unconfirmed=[sentence for sentence in run.unconfirmed if not run.verdict or sentence not in run.verdict.remarks],
        loads=loads,
        latency_columns=units.LATENCIES,
        count_columns=page_decisions.count_columns(run),
        decision_columns=page_decisions.COLUMNS,
        stage_columns=page_decisions.STAGE_COLUMNS,
        work_columns=work.COLUMNS,
        four_counts=page_decisions.FOUR_COUNTS,
        emulator=run.emulator,
        replicate_columns=[replicates.word(run.time_base), *replicates.COLUMNS, "late", "unanswered", "not sent"],
        environment=environment_rows(run),
        audit=audit_rows(run),
        broken=broken_cells(run),
        broken_count=broken_count(run),
        cell_count=len(run.cells),
        method=method(run),
        cells=cell_rows(run),
        asked_for=asked_for_parts(run),
        facts=fact_rows(run),
        sections=section_rows(run.sections),
        worst_cases=worst_case_rows(run.worst_cases, run.hunted),
        worst_case_columns=WORST_CASE_COLUMNS,
        section_columns=SECTION_COLUMNS,
        payload=payload_rows(run),
    )


def page(run, texts_of_run, pictures):
    of_load, explaining = {}, {}
    for picture in pictures:
        place = explaining.setdefault(picture.explains, []) if picture.explains else of_load.setdefault(picture.load, [])
        place.append(shown(picture))
    return render(
        "page.html.j2",
        **texts_of_run,
        pictures=of_load,
        explained=page_explain.explained_cells(run, explaining),
        overview=of_load.get(None, [None])[0],
    )


def render(template, **parts):
    here = Path(__file__).parent
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_printable,
        trim_blocks=True,
        loader=jinja2.FileSystemLoader(here),
    )
    return environment.get_template(template).render(
        **parts,
        css=Markup((here / "style.css").read_text()),
        script=Markup(_SCRIPT),
        script_hash=base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode(),
    )


def _printable(value):
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def shown(picture):
    """As an image, not as inline SVG: so no picture's styles and names meet the page's or another's."""
    kind, content = "svg+xml", picture.svg
    if len(picture.svg) > SVG_BYTES_MAX and len(picture.png) < len(picture.svg):
        kind, content = "png", picture.png
    data = Markup(f"data:image/{kind};base64,{base64.b64encode(content).decode()}")
    return {"title": picture.title, "caption": picture.caption, "data": data}
