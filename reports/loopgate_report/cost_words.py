"""What a cost says, in sentences and cells of tables."""
from loopgate_report import units
from loopgate_report.axis import clock
from loopgate_report.cost_record import FROM, FROM_AGAIN, REBUILT, TO, TO_AGAIN, label_of

_LABELS = {"p99_9": "p99.9", "p99_99": "p99.99", "mean_above_p99_5": "mean above p99.5"}
_NAMED_MAX = 4  # of the rows, in the answer
_WHAT_MAX = 160  # letters of what a step is: it may have hundreds of options


def signed(ns):
    """'+2.10 us', '-0.410 us'."""
    return ("-" if ns < 0 else "+") + units.us_text(abs(ns))


def signed_us(ns):
    """'+2.104': a cell of a column in us."""
    return f"{ns / 1000:+,.3f}"


def bounds(added):
    return f"{signed_us(added.low_ns)} to {signed_us(added.high_ns)}"


def percent(confidence):
    return f"{confidence * 100:.4g} %"


def title(cost):
    return f"Cost of {cost.end} over {cost.start}"


def quantity(cost):
    """As label_of() of harness/stats/quantities.h has it."""
    return _LABELS.get(cost.by, cost.by)


def time_text(cost):
    return f"{clock(cost.time_base)} time"


def context(cost):
    return " · ".join([cost.suite, cost.board, f"load {cost.load}", quantity(cost), time_text(cost)])


def clock_text(cost):
    if cost.time_base == "virtual":
        return "Times are virtual: QEMU counts instructions, so that they say how much longer a path is, and nothing of caches or of a board's speed."
    return "Times are wall-clock times of the board."


def measured_text(cost):
    """'1,250 stimuli in 4 replicates a step'."""
    steps = [step for step in cost.steps if step.ns is not None]
    if not steps:
        return "no step was measured"
    return f"{_range([step.stimuli for step in steps], 'stimulus')} in {_range([len(step.by_ns) for step in steps], 'replicate')} a step"


def _range(counts, noun):
    least, most = min(counts), max(counts)
    return units.plural(most, noun) if least == most else f"{units.count(least)} to {units.plural(most, noun)}"


def answer(cost):
    """One sentence: the whole, and what it is made of. Empty where nothing is known yet."""
    rows = _made_of(cost)
    made_of = ": " + rows if rows else ""
    added = cost.total
    if not added:
        return f"What is known so far of what {cost.end} adds to {cost.start}'s {quantity(cost)}{made_of}." if rows else ""
    if not added.is_shown:
        return f"{cost.end}'s {quantity(cost)} is not shown to differ from {cost.start}'s ({signed(added.ns)}, {bounds(added)} us){made_of}."
    side = "above" if added.ns > 0 else "below"
    return f"{cost.end}'s {quantity(cost)} is {units.us_text(abs(added.ns))} {side} {cost.start}'s{made_of}."


def _made_of(cost):
    """'CONFIG_A +2.10 us, CONFIG_B +1.20 us, 3 more +0.90 us; +0.410 us in 2 groups that were not divided'."""
    shown = sorted((row for row in cost.rows if cost.is_cost(row)), key=_size)
    single = [row for row in shown if len(row.changes) == 1]
    groups = [row for row in shown if row.is_group]
    rest = single[_NAMED_MAX:]
    parts = [f"{row.label} {signed(row.added.ns)}" for row in single[:_NAMED_MAX]]
    if rest:
        parts.append(f"{len(rest)} more {signed(_sum(rest))}")
    sentences = [", ".join(parts)] if parts else []
    if len(groups) == 1:
        sentences.append(f"{signed(_sum(groups))} in a group that was not divided ({groups[0].label})")
    elif groups:
        sentences.append(f"{signed(_sum(groups))} in {len(groups)} groups that were not divided ({groups[0].label}, and others)")
    sentences += [f"{signed(row.added.ns)} in {row.label}" for row in shown if not row.changes]
    small = [row for row in cost.rows if not cost.is_cost(row)]
    if small:
        why = f"of less than {units.us_text(cost.least_ns)}{' each' if len(small) > 1 else ''}, or no more than chance could make"
        sentences.append(f"{signed(_sum(small))} in {units.plural(len(small), 'row')} {why}")
    return "; ".join(sentences)


def taken_from(cost):
    """The kernel that each row is taken out of."""
    return f"{cost.end}'s options on the sources of {cost.start}" if is_rebuilt(cost) else cost.end


def dependence(cost):
    """A sentence where taking a row out takes back something else than it added, by more than is worth to be divided; else empty."""
    apart = [row for row in cost.rows if row.taken_out and row.taken_out.is_apart_from(row.added) and _apart_ns(row) >= cost.least_ns]
    if not apart:
        return hidden_text(cost)
    most = max(apart, key=_apart_ns)
    others = f", and so it is with {units.plural(len(apart) - 1, 'row')} more" if len(apart) > 1 else ""
    return f"{most.label} alone, taken out of {taken_from(cost)}, takes back {signed(most.taken_out.ns)}, and added {signed(most.added.ns)}: it depends on what else is there{others}. {hidden_text(cost)}".rstrip()


def hidden_text(cost):
    """What the rows that are no cost are beside the others; empty where that is nothing."""
    if not cost.hides_cost:
        return ""
    names, back = label_of(cost.hidden.names, _NAMED_MAX), cost.hidden.taken_out
    parts = ", ".join(f"{label_of(of, _NAMED_MAX)} {signed(added.ns)}" for of, added in cost.hidden.rows)
    each = f"beside all others {parts}" if parts else "some of them cost, beside what is in the other rows"
    return f"In the order in which they went in, these add nothing: {names}. Taken out of {taken_from(cost)} together they take back {signed(back.ns)} ({bounds(back)} us): {each}."


def _apart_ns(row):
    return abs(row.taken_out.ns - row.added.ns)


def _size(row):
    return -abs(row.added.ns)


def _sum(rows):
    return sum(row.added.ns for row in rows)


def row_cells(cost):
    """The rows of the table: the largest first, those that are no cost last."""
    return [_row_cells(cost, row) for row in sorted(cost.rows, key=lambda row: (not cost.is_cost(row), _size(row)))]


def _row_cells(cost, row):
    taken = row.taken_out
    return {
        "number": row.number,
        "label": row.label,
        "what": "" if row.changes else row.what,
        "count": len(row.changes),
        "not_divided": row.not_divided if row.is_group else "",
        "added": signed_us(row.added.ns),
        "bounds": bounds(row.added),
        "is_shown": cost.is_cost(row),
        "taken_out": signed_us(taken.ns) if taken else None,
        "taken_out_bounds": bounds(taken) if taken else None,
        "depends": bool(taken and taken.is_apart_from(row.added)),
        "not_taken_out": row.not_taken_out,
        "functions": [f"{name} {signed_us(ns)}" for name, ns in row.functions],
        "functions_not_told": row.functions_not_told,
        "image": _difference(row.before.image_bytes, row.after.image_bytes, "+,d"),
        "boot": _difference(row.before.boot_s, row.after.boot_s, "+.3f"),
    }


def _difference(before, after, form):
    return "–" if before is None or after is None else format(after - before, form)


def _kernel_text(cost, step):
    """What the step measured; the ends are named alone there."""
    ends = {
        FROM: cost.start,
        FROM_AGAIN: f"{cost.start} once more",
        TO_AGAIN: f"{taken_from(cost)} once more",
        TO: cost.end,
        REBUILT: taken_from(cost),
    }
    text = ends.get(step.name, step.what)
    return text if len(text) <= _WHAT_MAX else text[:_WHAT_MAX].rstrip(" ,") + "…"


def step_cells(cost):
    return [
        {
            "name": step.name,
            "what": _kernel_text(cost, step),
            "count": len(step.changes),
            "same_as": step.same_as,
            "ns": "–" if step.ns is None else units.us(step.ns),
            "p99": units.us(step.p99_ns),
            "max": units.us(step.max_ns),
            "replicates": len(step.by_ns),
            "stimuli": units.count(step.stimuli),
            "image": "–" if step.image_bytes is None else units.count(step.image_bytes),
            "boot": "–" if step.boot_s is None else f"{step.boot_s:.3f}",
            "total": f"{step.total_s:,.0f}",
            "why": "" if step.measured else step.why,
        }
        for step in cost.steps
    ]


def change_cells(cost):
    """All differences, each with the number of its row."""
    row_of = {index: row.number for row in cost.rows for index in row.changes}
    return [
        {"kind": change.kind, "was": change.was or "–", "becomes": change.becomes or "–", "row": row_of.get(index, "–")}
        for index, change in enumerate(cost.changes)
    ]


def chance_text(cost):
    """What the same kernel, measured twice, differs by; empty where it was not."""
    if not cost.chance:
        return ""
    how = " with a longer command line and nothing else" if cost.time_base == "virtual" else ""
    held = "what adds less than that may be chance" if cost.chance.is_shown else "no difference is shown; intervals are over schedules, of one boot of each kernel"
    other = f"; {taken_from(cost)}, likewise, {signed(cost.chance_of_to.ns)}, {bounds(cost.chance_of_to)} us" if cost.chance_of_to else ""
    return f"Chance: {cost.start} was measured once more{how}, and lies {signed(cost.chance.ns)} from itself, {bounds(cost.chance)} us{other}: {held}."


def is_rebuilt(cost):
    return any(step.name == REBUILT for step in cost.steps)


def ends_text(cost):
    """'11.7 us to 18.8 us'; what was not measured is left out."""
    return " to ".join(units.us_text(step.ns) for step in (cost.step(FROM), cost.step(TO)) if step)
