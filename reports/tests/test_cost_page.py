"""The page of a cost: what each difference between two kernels adds."""
import copy
import json
import re
from pathlib import Path

import pytest
from loopgate_report.cost_page import main
from loopgate_report.cost_record import Added, Change, label_of, read_cost
from loopgate_report.cost_words import answer, dependence, row_cells
from loopgate_report.seal import sealed
from loopgate_report.units import us_text

RECORDED = json.loads((Path(__file__).resolve().parents[2] / "fixtures" / "recordings" / "cost.json").read_text())
HOSTILE = "a<b>&\"' #1"


def made_up_cost(*adds, least_ns=100, **keys):
    """From 10,000 ns on, in rows of (names of options, ns, half of the interval)."""
    changes, rows = [], []
    figures, most = [10_000], sum(len(names) for names, _, _ in adds)
    for i, (names, ns, half) in enumerate(adds):
        indices = list(range(len(changes), len(changes) + len(names)))
        changes += [{"kind": "option", "was": "", "becomes": f"{name}=y", "text": f"option {name}=y"} for name in names]
        rows.append(
            {
                **{"changes": indices, "what": ", ".join(names), "before": _name(i, len(adds)), "after": _name(i + 1, len(adds)), "added": added(ns, half)},
                **{"not_divided": "together they add too little" if len(names) > 1 else "", "without": None, "taken_out": None, "not_taken_out": "it adds too little"},
                **{"functions": [], "functions_not_told": "it adds too little"},
            }
        )
        figures.append(figures[-1] + ns)
    steps = [step(_name(i, len(adds)), ns, min(i, most)) for i, ns in enumerate(figures)]
    total = added(figures[-1] - figures[0], 10)
    ends = {"from": {"name": "trimmed-rt", "sha256": "f"}, "to": {"name": "preempt-rt", "sha256": "t"}, "by": "p50", "on_virtual_time": True, "is_finished": True}
    return {**RECORDED, **ends, "changes": changes, "left_out": [], "left_out_why": "", "rows": rows, "steps": steps, "total": total, "hidden": None, "least_ns": least_ns, **keys}


def _name(i, last):
    return "from" if i == 0 else "to" if i == last else str(i)


def added(ns, half):
    return {"ns": ns, "low_ns": ns - half, "high_ns": ns + half}


def step(name, ns, changes=0):
    return {**RECORDED["steps"][0], "name": name, "what": name, "changes": list(range(changes)), "by_ns": [ns - 1, ns + 1]}


def hostile_cost(hostile, is_finished):
    """In which every text that others choose is this one; not finished without a total."""
    cost = copy.deepcopy(RECORDED)
    for key in ("suite", "board", "load", "from", "to"):
        cost[key]["name"] = hostile
    for change in [*cost["changes"], *cost["left_out"]]:
        change.update(becomes=hostile, text=hostile)
    cost["steps"].append({**step("99", 0), "measured": False, "by_ns": [], "p99_ns": None, "max_ns": None, "image_bytes": None, "boot_s": None})
    for one in cost["steps"]:
        one.update(what=hostile, why="" if one["measured"] else hostile)
    for row in cost["rows"]:
        row.update(what=hostile, not_taken_out=hostile, functions_not_told=hostile, functions=[{"function": hostile, "ns": 7}])
    cost.update(left_out_why=hostile, is_finished=is_finished)
    return cost if is_finished else {**cost, "total": None}


@pytest.fixture
def draw(tmp_path):
    def call(text):
        data = tmp_path / "cost.json"
        data.write_text(text)
        status = main([str(data), "--out", str(tmp_path / "out")])
        page = tmp_path / "out" / "index.html"
        return status, page.read_text() if page.exists() else None

    return call


@pytest.fixture
def read(tmp_path):
    def call(document):
        (tmp_path / "cost.json").write_text(sealed(document))
        return read_cost(tmp_path / "cost.json")

    return call


def shown_text(page):
    """As it is read: without what is drawn, styled or run."""
    page = re.sub(r"<(style|script)>.*?</\1>|<img[^>]*>", "", page, flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", page).split()).replace("&#39;", "'")


def test_answer_rows_steps_and_meanings_stand_on_the_page(draw, tmp_path):
    status, page = draw(sealed(RECORDED))
    assert status == 0
    text = shown_text(page)
    start, end = RECORDED["from"]["name"], RECORDED["to"]["name"]
    biggest = max(RECORDED["rows"], key=lambda row: abs(row["added"]["ns"]))
    assert f"{end}'s p50 is {us_text(RECORDED['total']['ns'])} above {start}'s: " in text
    assert f"{biggest['added']['ns'] / 1000:+.3f}" in text and "99 % confidence" in text
    assert "virtual time" in text and "Times are virtual" in text and "Not finished" not in text
    for row in RECORDED["rows"]:
        assert row["not_divided"] in text
    assert f"{len(RECORDED['steps'])} steps" in text and RECORDED["left_out_why"] in text
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"index.html", "cost.png", "cost.svg"}
    assert "p50 [us, virtual]" in (tmp_path / "out" / "cost.svg").read_text()


def test_the_answer_names_the_largest_and_sums_up_the_rest(read):
    singles = [([f"CONFIG_{name}"], ns, 10) for name, ns in (("A", 300), ("B", 900), ("C", 200), ("D", 500), ("E", 110), ("F", 120))]
    groups = [(["CONFIG_G", "CONFIG_H", "CONFIG_I"], 400, 10)]
    chance = [(["CONFIG_J"], 150, 200), (["CONFIG_K"], -20, 1)]  # not shown to be anything; shown, and too little
    said = answer(read(made_up_cost(*singles, *groups, *chance)))
    assert said == (
        "preempt-rt's p50 is 2.66 us above trimmed-rt's: CONFIG_B +0.900 us, CONFIG_D +0.500 us, CONFIG_A +0.300 us, CONFIG_C +0.200 us, 2 more +0.230 us;"
        " +0.400 us in a group that was not divided (CONFIG_G, CONFIG_H and 1 more); +0.130 us in 2 rows of less than 0.100 us each, or no more than chance could make."
    )


def test_what_is_below_and_what_is_not_shown_is_said_so(read):
    assert answer(read(made_up_cost((["CONFIG_A"], -2100, 10)))) == "preempt-rt's p50 is 2.10 us below trimmed-rt's: CONFIG_A -2.10 us."
    both = made_up_cost((["CONFIG_A"], 700, 10), (["CONFIG_B"], -700, 10))
    assert answer(read(both)) == "preempt-rt's p50 is not shown to differ from trimmed-rt's (+0.000 us, -0.010 to +0.010 us): CONFIG_A +0.700 us, CONFIG_B -0.700 us."


def test_rows_are_sorted_by_what_they_add_and_keep_their_numbers(read):
    rows = row_cells(read(made_up_cost((["CONFIG_A"], 120, 10), (["CONFIG_B"], 900, 950), (["CONFIG_C"], -400, 10))))
    assert [(row["number"], row["added"], row["is_shown"]) for row in rows] == [(3, "-0.400", True), (1, "+0.120", True), (2, "+0.900", False)]


def test_what_depends_on_the_others_is_marked(read):
    cost = made_up_cost((["CONFIG_A"], 400, 10), (["CONFIG_B"], 400, 10))
    cost["rows"][0]["taken_out"], cost["rows"][1]["taken_out"] = added(421, 10), added(419, 10)
    assert [row["depends"] for row in row_cells(read(cost))] == [True, False]
    assert dependence(read(cost)) == ""  # 21 ns are not worth a sentence, where 100 are not worth a measurement
    cost["rows"][1]["taken_out"] = added(4_000, 10)
    assert dependence(read(cost)) == "CONFIG_B alone, taken out of preempt-rt, takes back +4.00 us, and added +0.400 us: it depends on what else is there."
    cost["rows"][0]["taken_out"] = added(-100, 10)
    assert "CONFIG_B" in dependence(read(cost)) and dependence(read(cost)).endswith(", and so it is with 1 row more.")
    assert not Added(0, -1, 1).is_shown and Added(-2, -3, -1).is_shown and not Added(0, 0, 0).is_shown


def test_what_costs_only_beside_the_others_is_said(read):
    cost = made_up_cost((["CONFIG_A"], 400, 10), (["CONFIG_B", "CONFIG_C"], 0, 10))
    hidden = {"changes": [1, 2], "without": "1", "taken_out": added(900, 10), "not_taken_out": "", "rows": []}
    cost["hidden"] = hidden
    said = "In the order in which they went in, these add nothing: CONFIG_B, CONFIG_C. Taken out of preempt-rt together they take back +0.900 us (+0.890 to +0.910 us): "
    assert dependence(read(cost)) == said + "some of them cost, beside what is in the other rows."
    hidden["rows"] = [{**cost["rows"][1], "changes": [2], "added": added(880, 10)}]
    assert dependence(read(cost)) == said + "beside all others CONFIG_C +0.880 us."
    hidden["taken_out"] = added(50, 10)
    assert dependence(read(cost)) == ""


def test_image_and_boot_are_what_the_steps_differ_by(read):
    cost = made_up_cost((["CONFIG_A"], 400, 10), (["CONFIG_B"], 300, 10))
    for one, size, boot in zip(cost["steps"], (1_000_000, 1_004_096, None), (0.5, 0.25, None)):
        one.update(image_bytes=size, boot_s=boot)
    assert [(row["image"], row["boot"]) for row in row_cells(read(cost))] == [("+4,096", "-0.250"), ("–", "–")]


@pytest.mark.parametrize(
    "change, name",
    [
        (("option", "", "CONFIG_AUDIT=y"), "CONFIG_AUDIT"),
        (("option", "CONFIG_AUDIT=y", "CONFIG_AUDIT=n"), "no CONFIG_AUDIT"),
        (("option", "CONFIG_HZ=250", "CONFIG_HZ=1000"), "CONFIG_HZ=1000"),
        (("option", "CONFIG_AUDIT=n", ""), "the text"),  # left to its default, which may be y
        (("argument", "", "audit=0"), "the text"),
    ],
)
def test_a_difference_is_named_by_what_it_becomes(change, name):
    assert Change(*change, "the text").name == name


def test_long_lists_are_cut():
    assert label_of(["A"], 2) == "A" and label_of(["A", "B"], 2) == "A, B"
    assert label_of([f"N{i}" for i in range(1_017)], 2) == "N0, N1 and 1,015 more"


def texts_of(svg):
    return [re.sub(r"<[^>]+>", "", text).replace("&#39;", "'") for text in re.findall(r"<text[^>]*>(.*?)</text>", svg, flags=re.S)]


@pytest.mark.parametrize("count", [1, 40])
def test_each_row_stands_in_the_picture_however_long_its_names(draw, tmp_path, count):
    names = [f"CONFIG_{'X' * 60}_{i}" for i in range(17)]
    assert draw(sealed(made_up_cost(*[(names, 120, 10)] * count)))[0] == 0
    texts = texts_of((tmp_path / "out" / "cost.svg").read_text())
    assert sum(text.startswith("CONFIG_X") and text.endswith("… and 16 more") for text in texts) == count
    assert texts.count("+0.120") == count and "10.000" in texts and f"{10 + count * 0.12:.3f}" in texts


def test_what_is_not_finished_says_so_on_page_and_picture(draw, tmp_path):
    begun = {**RECORDED, "is_finished": False, "total": None, "chance": None, "rows": [], "steps": RECORDED["steps"][:1], "least_ns": 0}
    status, page = draw(sealed(begun))
    text = shown_text(page)
    assert status == 0 and "Not finished: the same command goes on with it." in text
    assert "Not finished: what is missing was not measured yet." in page.split("<figcaption>")[1]
    assert any(line.endswith(", not finished") for line in texts_of((tmp_path / "out" / "cost.svg").read_text()))
    assert "is not divided" not in text and "What each difference adds" not in text
    stopped = shown_text(draw(sealed({**RECORDED, "is_finished": False}))[1])
    assert "Not finished: --kernels stopped it" in stopped and " us above " in stopped
    nothing = shown_text(draw(sealed({**begun, "steps": []}))[1])
    assert "no step was measured" in nothing


def test_what_could_not_be_measured_stands_with_its_reason_and_nothing_is_markup(draw):
    status, page = draw(sealed(hostile_cost(HOSTILE, is_finished=True)))
    assert status == 0 and HOSTILE not in page and "a&lt;b&gt;" in page
    count = 1 + sum(not one["measured"] for one in RECORDED["steps"])
    assert f"{count} of {len(RECORDED['steps']) + 1} could not be measured" in shown_text(page)


def test_a_board_measures_by_the_wall_clock(draw, tmp_path):
    page = shown_text(draw(sealed(made_up_cost((["CONFIG_A"], 120, 10), on_virtual_time=False)))[1])
    assert "wall-clock time" in page and "irtual" not in page and "longer command line" not in page
    assert "p50 [us, wall-clock]" in (tmp_path / "out" / "cost.svg").read_text()


def altered(path, value):
    cost = copy.deepcopy(RECORDED)
    *places, last = path
    place = cost
    for key in places:
        place = place[key]
    place[last] = value
    return sealed(cost)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        sealed(RECORDED).replace('"p50"', '"max"', 1),
        sealed({**RECORDED, "format": 2}),
        sealed({"format": 1}),
        altered(("rows", 0, "before"), "nowhere"),
        altered(("rows", 0, "changes"), [10_000]),
        altered(("rows", 0, "added"), None),
        altered(("steps", 0, "by_ns"), ["much"]),
        altered(("steps", 0, "by_ns"), []),
        altered(("total",), {"ns": 1}),
    ],
)
def test_what_is_damaged_or_altered_is_not_drawn(draw, text, capsys):
    assert draw(text) == (3, None)
    assert "cost.json" in capsys.readouterr().err
