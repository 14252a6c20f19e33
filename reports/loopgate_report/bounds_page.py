"""The page of a measurement in bounds: figures as intervals, marked by whose clock and by which program."""
from loopgate_report import units
from loopgate_report.axis import clock
from loopgate_report.bounds import QUANTITIES
from loopgate_report.bounds_picture import caption, draw_bounds, label_of, whose_text
from loopgate_report.page import MEANINGS, render, shown
from loopgate_report.page_parts import verdict_part
from loopgate_report.pictures import Picture
from loopgate_report.style import settings


def bounds_pictures(bounds):
    """None where nothing was measured."""
    if not bounds.ranges:
        return []
    with settings():
        sheet = draw_bounds(bounds)
        return [Picture("bounds", bounds.load, "Histogram of bounds", caption(bounds), sheet.png(), sheet.svg())]


def bounds_page(bounds, pictures):
    info = bounds.info
    verdict = verdict_part(bounds.verdict)
    least, most = info.integers("unanswered")
    return render(
        "bounds.html.j2",
        suite=info.get("suite", str),
        board=info.get("board", str),
        kernel=bounds.kernel,
        load=bounds.load,
        clock=clock(bounds.time_base),
        whose=whose_text(bounds),
        self_measured=bounds.self_measured,
        measured_by=bounds.measured_by,
        resolution=units.us_round(info.get("resolution_ns", int)),
        latencies=units.plural(bounds.count, "latency", "latencies"),
        unanswered="" if most == 0 else units.count(most) if least == most else f"{units.count(least)} to {units.count(most)}",
        headline=verdict["verdict"] if verdict else "No verdict yet",
        verdict=verdict,
        meaning=MEANINGS.get(verdict["verdict"]) if verdict else None,
        rows=[_row(bounds, key) for key in QUANTITIES] if bounds.ranges else [],
        unresolved=units.LEGEND.replace("stimuli", _counted(bounds)) if any(span is None for span in bounds.ranges.values()) else "",
        beyond=_beyond(bounds),
        threads=[_thread(fields) for fields in info.children("threads")],
        invalid=[(each.get("cell", str), each.get("reason", str)) for each in info.children("invalid")],
        facts=[(each.get("name", str), each.get("value", str)) for each in info.children("facts")],
        remarks=info.texts("remarks"),
        not_known=info.texts("not_known"),
        pictures=[shown(picture) for picture in pictures],
    )


def _counted(bounds):
    """In the program's own word."""
    if not bounds.self_measured:
        return "stimuli"
    return "cycles" if bounds.measured_by.startswith("cyclictest") else "samples"


def _row(bounds, key):
    span = bounds.ranges[key]
    if span is None:
        return {"name": label_of(key), "least": units.UNRESOLVED, "most": units.UNRESOLVED}
    most = "not known" if span[1] is None else units.us(span[1])
    return {"name": label_of(key), "least": units.us(span[0]), "most": most}


def _beyond(bounds):
    if bounds.beyond is None:
        return ""
    lower, upper, count = bounds.beyond
    to = "to an end that is not known" if upper is None else f"to {units.us(upper)} us"
    return f"{units.plural(count, 'latency is', 'latencies are')} beyond the last bin: anywhere from {units.us(lower)} us {to}."


def _thread(fields):
    def of(key):
        value = fields.nullable(key, int)
        return "not told" if value is None else units.us(value)

    return {
        "name": fields.get("name", str),
        "count": units.count(fields.get("count", int)),
        "beyond": units.count(fields.get("overflow", int)),
        "min": of("min_ns"),
        "max": of("max_ns"),
    }
