"""The page of a bisection: draws bisect.json, which `loopgate bisect` has written, and judges nothing."""
import argparse
import json
from pathlib import Path

from loopgate_report.command import exit_status, write
from loopgate_report.problem import BadRun
from loopgate_report.seal import is_sealed


def main(arguments):
    parser = argparse.ArgumentParser(prog="bisect", description="Draws the page of a bisection from bisect.json, as `loopgate bisect` writes it.")
    parser.add_argument("data", type=Path, metavar="DATA", help="bisect.json")
    parser.add_argument("--out", type=Path, metavar="DIR", required=True, help="where the page goes")
    chosen = parser.parse_args(arguments)
    return exit_status(lambda: write(chosen.out, lambda: _parts(chosen.data)), chosen.out)


def _parts(data):
    text = data.read_text(encoding="utf-8")
    if not is_sealed(text):
        raise BadRun(f"{data}: was altered or damaged: call loopgate bisect again, which writes it anew")
    try:
        bisection = json.loads(text)
        if bisection["format"] != 1:
            raise BadRun(f"{data}: is of format {bisection['format']}: draw it with the version that wrote it")
        steps = [{**step, "ratio": "–" if step["seen"] is None else f"{step['seen']:.4g}"} for step in bisection["steps"]]
    except (ValueError, KeyError, TypeError) as error:
        raise BadRun(f"{data}: is damaged: {error}") from error
    from loopgate_report.bisect_picture import bisect_picture

    return [bisect_picture(bisection)], lambda drawn: page(bisection, steps, drawn), {}


def page(bisection, steps, pictures):
    from loopgate_report.page import render, shown

    culprits = set((bisection["answer"] or {}).get("changes", []))
    return render(
        "bisect.html.j2",
        title=title(bisection),
        answer=bisection["answer"],
        ends=(bisection["good"]["name"], bisection["bad"]["name"]),
        policy=bisection["policy"]["name"],
        steps=steps,
        changes=[{**change, "number": i, "culprit": i in culprits} for i, change in enumerate(bisection["changes"])],
        picture=shown(pictures[0]),
    )


def title(bisection):
    loads = ", ".join(load["name"] for load in bisection["loads"])
    return " · ".join([bisection["suite"]["name"], bisection["board"]["name"], "load " + loads])
