"""The page of a cost: draws cost.json, which `loopgate cost` has written, and judges nothing."""
import argparse
from pathlib import Path

from loopgate_report.command import exit_status, write
from loopgate_report.cost_record import read_cost


def main(arguments):
    parser = argparse.ArgumentParser(
        prog="cost", description="Draws the page of what each difference between two kernels adds to a latency, from cost.json, as `loopgate cost` writes it."
    )
    parser.add_argument("data", type=Path, metavar="DATA", help="cost.json")
    parser.add_argument("--out", type=Path, metavar="DIR", required=True, help="where the page goes")
    chosen = parser.parse_args(arguments)
    return exit_status(lambda: write(chosen.out, lambda: _parts(chosen.data)), chosen.out)


def _parts(data):
    cost = read_cost(data)
    from loopgate_report.cost_picture import cost_picture

    return [cost_picture(cost)], lambda drawn: page(cost, drawn), {}


def page(cost, pictures):
    from loopgate_report import cost_words as words
    from loopgate_report.page import render, shown

    steps = words.step_cells(cost)
    return render(
        "cost.html.j2",
        title=words.title(cost),
        context=words.context(cost),
        ends=words.ends_text(cost),
        cost=cost,
        by=words.quantity(cost),
        answer=words.answer(cost),
        dependence=words.dependence(cost),
        total=words.signed(cost.total.ns) if cost.total else "",
        total_bounds=f"{words.bounds(cost.total)} us" if cost.total else "",
        clock=words.clock_text(cost),
        rows=words.row_cells(cost),
        steps=steps,
        not_measured=[step for step in steps if step["why"]],
        changes=words.change_cells(cost),
        measured=words.measured_text(cost),
        confidence=words.percent(cost.confidence),
        least=words.units.us_text(cost.least_ns),
        chance=words.chance_text(cost),
        taken_from=words.taken_from(cost),
        is_rebuilt=words.is_rebuilt(cost),
        picture=shown(pictures[0]),
    )
