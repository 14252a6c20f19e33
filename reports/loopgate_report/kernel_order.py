"""The order of the kernels on the virtual bench against that on the board: `order` of verdict.json."""
from loopgate_report import units


def read_order(fields):
    """None when no virtual run was given to the gate."""
    order = fields.child("order", optional=True)
    if order is None:
        return None
    rows = [_row(entry) for entry in order.children("orders")]
    return {
        "virtual_run": order.get("virtual_run", str),
        "virtual_board": order.get("virtual_board", str),
        "rows": rows,
        "disagrees": _worst(rows),
        "left_out": [
            f"{entry.get('kernel', str)} × {entry.get('load', str)} {entry.get('why', str)}"
            for entry in order.children("left_out")
        ],
    }


def _worst(rows):
    """ "" when all orders agree, else whether the boots tell so."""
    if all(row["agrees"] for row in rows):
        return ""
    return "beyond chance" if any(row["beyond_chance"] for row in rows) else "by chance, perhaps"


def _row(entry):
    pairs = entry.children("swapped")
    swapped = [_swap_text(pair) for pair in pairs]
    if entry.get("agrees", bool) == bool(swapped):
        entry.refuse('"agrees" does not fit "swapped": it was altered; run `loopgate gate` on this folder again')
    return {
        "load": entry.get("load", str),
        "quantity": entry.get("quantity", str).replace("_", "."),
        "virtual": _ranks(entry, "virtual"),
        "board": _ranks(entry, "board"),
        "agrees": not swapped,
        "beyond_chance": any(pair.get("beyond_chance", bool) for pair in pairs),
        "swapped": "; ".join(swapped),
    }


def _ranks(entry, key):
    return " < ".join(
        f"{kernel.get('kernel', str)} ({units.us_round(kernel.get('ns', int))})" for kernel in entry.children(key)
    )


def _swap_text(pair):
    text = (
        f"{pair.get('faster_virtual', str)} is faster than {pair.get('faster_on_board', str)} in virtual"
        " time, and slower on the board"
    )
    return text if pair.get("beyond_chance", bool) else text + ", which so few boots may show by chance"
