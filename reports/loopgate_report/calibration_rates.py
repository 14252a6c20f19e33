"""How often the gate errs, by kernel: the numbers of a calibration, as verdict.json has them."""
import math

from loopgate_report import units


def read_rates(fields):
    """None where the gate was given no calibration."""
    entry = fields.child("calibration", optional=True)
    if entry is None:
        return None
    alarms = entry.child("false_alarms")
    whole = _alarm(alarms)
    draws = alarms.get("of", int)
    columns, labels, cells = [], [], {}
    alarms_of = {
        (each.get("kernel", str), each.get("load", str)): _alarm(each)
        for each in entry.children("false_alarms_by_kernel", optional=True)
    }
    for found in entry.children("found"):
        column = (found.get("kernel", str), found.get("load", str))
        label = found.get("label", str, found.get("plant", str))
        columns += [column] if column not in columns else []
        labels += [label] if label not in labels else []
        if (label, column) in cells:
            found.refuse("stands there twice")
        cells[label, column] = _cell(found, draws)
    return {
        "confidence": percent(entry.get("confidence", float)),
        "refers_to": entry.get("refers_to", str),
        "draws": units.count(draws),
        "alarms": whole,
        "alarms_of": [alarms_of.get(column, "-") for column in columns] if alarms_of else None,
        "columns": [f"{kernel} × {load}" for kernel, load in columns],
        "rows": [{"label": label, "cells": [cells.get((label, column), "-") for column in columns]} for label in labels],
    }


def _alarm(fields):
    at_most = fields.get("at_most", float)
    if at_most < _share(fields):
        fields.refuse('"at_most" is below what was seen')
    return f"{percent(_share(fields))}, at most {_bound(at_most, math.ceil)}"


def _cell(found, draws):
    at_least = found.get("at_least", float)
    if at_least > _share(found):
        found.refuse('"at_least" is above what was seen')
    of = found.get("of", int)
    return f"{percent(_share(found))}{'' if of == draws else f' of {of:,}'}, at least {_bound(at_least, math.floor)}"


def _share(fields):
    seen, of = fields.get("seen", int), fields.get("of", int)
    if not 0 <= seen <= of or of == 0:
        fields.refuse('"seen" must be from 0 to "of"')
    return seen / of


def percent(share):
    """As harness/base/units.cpp has it."""
    return f"{share * 100:.3g} %"


def _bound(share, to_whole):
    """Rounded to the safe side, as harness/gate/calibration_check.cpp has it."""
    slip = 1e-9 if to_whole is math.floor else -1e-9  # of the multiplication
    return f"{to_whole(share * 1000 + slip) / 10:.3g} %"
