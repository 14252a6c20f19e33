"""The page of many runs: draws history.json, which harness/history/ has computed, and computes no figure."""
import argparse
import json
from pathlib import Path
from urllib.parse import quote

from loopgate_report import units
from loopgate_report.command import exit_status, write
from loopgate_report.problem import BadRun

def main(arguments):
    parser = argparse.ArgumentParser(prog="history", description="Draws the page of many runs from history.json, as `loopgate history` writes it.")
    parser.add_argument("data", type=Path, metavar="DATA", help="history.json")
    parser.add_argument("--out", type=Path, metavar="DIR", required=True, help="where the page goes")
    chosen = parser.parse_args(arguments)
    return exit_status(lambda: write(chosen.out, lambda: _parts(chosen.data)), chosen.out)


def _parts(data):
    text = data.read_text(encoding="utf-8")
    try:
        history = json.loads(text)
        if history["format"] != 2:
            raise BadRun(f"{data}: is of format {history['format']}: draw it with the version that wrote it")
    except (ValueError, KeyError, TypeError) as error:
        raise BadRun(f"{data}: is damaged: {error}") from error
    from loopgate_report.history_picture import history_pictures

    return history_pictures(history), lambda drawn: page(history, drawn), {"history.json": text}


def page(history, pictures):
    from loopgate_report.page import render, shown

    for run in history["runs"]:
        run["page"] = quote(run["page"]) if run["page"] else None
    runs = history["runs"]
    read = [run for run in runs if not run["problem"]]
    return render(
        "history.html.j2",
        runs=[{**run, "number": i + 1, "new_tools": _new_tools(read, run)} for i, run in enumerate(runs)][::-1],
        unread=[run for run in runs if run["problem"] and not run["left_out"]],
        left_out=[run for run in runs if run["left_out"]],
        read=len(read),
        first=read[0] if read else None,
        last=read[-1] if read else None,
        sets=[_set(one, runs, shown(picture)) for one, picture in zip(history["sets"], pictures)],
        rules=history["changes_by"],
    )


def title(one):
    """What every figure of a set shares."""
    parts = [one["suite"], one["board"], time_of(one), "load " + one["load"]]
    if one["measured_by"] != "instrument":
        parts.append("measured by " + one["measured_by"])
    if one["probe"]:
        parts.append("probe " + one["probe"])
    return " · ".join(parts)


def shown_columns(one):
    """Those of which some run of the set has a figure."""
    return [column for column in one["columns"] if column["is_shown"] and any(column["key"] in point["figures"] for series in one["series"] for point in series["points"])]


def time_of(one):
    if one["time_base"] == "virtual":
        return "virtual time"
    return "wall-clock time" + (", an emulator's and no hardware's" if one["emulator"] else "")


def _set(one, runs, picture):
    return {
        "title": title(one),
        "definitions": one["definitions_sha256"][:12],
        "picture": picture,
        "any_tested": one["any_tested"],
        "not_tested": one["not_tested"],
        "changes": [_change(series, change, one["columns"], runs) for series in one["series"] for change in series["changes"]],
        "columns": [column["label"] for column in shown_columns(one)],
        "kernels": [_kernel(series, shown_columns(one), runs) for series in one["series"]],
    }


def _change(series, change, columns, runs):
    (column,) = [column for column in columns if column["key"] == change["figure"]]
    return {
        "kernel": series["kernel"],
        "figure": column["label"],
        "run": runs[change["run"]],
        "before": units.figure(change["before"], column["unit"]),
        "after": units.figure(change["after"], column["unit"]),
        "ratio": f"{change['ratio']:.3f}",
        "p": f"{change['p']:.3f}",
    }


def _kernel(series, columns, runs):
    """Newest first."""
    rows = [
        {
            "run": runs[point["run"]],
            "version": point["version"],
            "verdict": point["verdict"],
            "why": point["why"],
            "count": units.count(point["count"]) if point["count"] else "–",
            "figures": [units.figure(point["figures"][column["key"]], column["unit"]) if column["key"] in point["figures"] else units.UNRESOLVED for column in columns],
        }
        for point in series["points"]
    ]
    return {"name": series["kernel"], "rows": rows[::-1]}


def _new_tools(read, run):
    """Whether instrument, QEMU or target programs are others than in the run before."""
    if run["problem"]:
        return False
    i = read.index(run)
    return i > 0 and read[i - 1]["tools_sha256"] != run["tools_sha256"]
