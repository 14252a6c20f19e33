"""What the page says of decisions and of stages. A suite without them has neither."""
from loopgate_report import units

FOUR_COUNTS = (
    "Late, unanswered, wrong and wrong frame are four different counts: a late decision came after the"
    " deadline; an unanswered stimulus had none until it was given up; a wrong decision said OK where NG was"
    " true, or NG where OK was; one of a wrong frame was for another frame than the one that waited, and is"
    " not judged to be right or wrong. A decision can be wrong and late. Not sent are the stimuli that fell"
    " due while one before was pending."
)


COLUMNS = [
    "decisions",
    "late",
    "not sent",
    "unanswered",
    "wrong",
    "wrong frame",
    "decisions per second",
]
STAGE_COLUMNS = ["mean", "p50", "p99", "max", "samples", "left out"]


def count_columns(run):
    """Beside the latencies. Decisions have a table of their own: one for all would be wider than the paper."""
    return ["count"] if run.has_decisions else ["count", "late", "unanswered", "not sent"]


def count_texts(run, group):
    return [units.count(group.counts[name.replace(" ", "_")]) for name in count_columns(run)]


def decision_rows(run, groups):
    if not run.has_decisions:
        return []
    return [{"kernel": group.kernel, "texts": _decision_texts(group)} for group in groups]


def _decision_texts(group):
    decisions = group.decisions
    if decisions is None:
        return ["–"] * len(COLUMNS)
    counts = [group.counts[key] for key in ("count", "late", "not_sent", "unanswered")]
    rate = decisions.per_second
    return [*map(units.count, counts), wrong_text(decisions, group.counts["count"]), units.count(decisions.wrong_frame), "–" if rate is None else f"{rate:,.2f}"]


def wrong_text(decisions, count):
    """From those that were, to as many more as nobody could judge; a dash where that is any of them."""
    if not decisions.unjudged:
        return units.count(decisions.wrong)
    most = decisions.wrong + decisions.unjudged
    return "–" if not decisions.wrong and most >= count else f"{units.count(decisions.wrong)} to {units.count(most)}"


def stage_rows(groups):
    return [
        {"kernel": group.kernel, "stage": stage.name, "texts": _stage_texts(stage, group.stages)}
        for group in groups
        if group.stages
        for stage in group.stages.stages
        if stage.name != "scene" or stage.max_ns
    ]


def traced_texts(groups):
    """Where the kernel's own trace of a long sample is, a sentence a kernel."""
    return [_traced_text(group) for group in groups if group.stages and group.stages.traced]


def _traced_text(group):
    cell, sample, latency_ns = group.stages.traced
    worst = latency_ns == group.figures["max"]
    text = f"{group.kernel}: cells/{cell}/trace.dat holds {'the worst, ' if worst else ''}sample {sample} ({units.us(latency_ns)} us)"
    return text + ("." if worst else "; the worst is not among those that the kernel itself saw take longest.")


def _stage_texts(stage, stages):
    times = stage.mean_ns, stage.p50_ns, stage.p99_ns, stage.max_ns
    return [*map(units.us, times), units.count(stages.count), units.count(stages.left_out)]


def decision_inputs(info):
    """Rows for what run.json says of decisions; none for a run that is older than these keys."""
    rows = []
    if "back_to_back" in info.values:
        rows.append(("back to back", "yes" if info.get("back_to_back", bool, False) else "no"))
    if "decisions" in info.values:
        rows.append(("decisions", shape_text(info) or "none"))
        if shape_text(info):
            rows.append(("frames", frames_text(info)))
    return rows


def shape_text(info):
    """How many frames make a decision; empty for a suite without decisions."""
    decisions = info.child("decisions", optional=True)
    if decisions is None:
        return ""
    frames = decisions.get("frames", int)
    if frames < 2:
        return "from one frame"
    return f"from {frames:,} frames, {units.us_round(decisions.get('frame_interval_ns', int))} us apart"


def frames_text(info):
    """What the frames are, and of how many is known what they show."""
    truth = info.child("decisions").child("truth", optional=True)
    if truth is None:
        return "the synthetic camera's parts"
    pictures, ok, ng = (truth.get(key, int) for key in ("pictures", "ok", "ng"))
    if not pictures:
        return "a camera's: nobody knows what they show"
    unknown = f", {pictures - ok - ng:,} of which nobody knows" if pictures > ok + ng else ""
    return f"{pictures:,} pictures: {ok:,} OK, {ng:,} NG{unknown}"


def file_hashes(info):
    return [
        (f"payload file {entry.get('key', str)}, {entry.get('file', str)}", entry.get("sha256", str))
        for entry in info.children("payload_files", optional=True)
    ]


def method_sentences(info):
    shape = shape_text(info)
    if not shape:
        return []
    sentence = (
        "When the response's pin rises, another pin says OK or NG, which is judged against what the"
        f" stimulus's frame is known to show. A decision is made {shape}."
    )
    if info.child("decisions").child("truth", optional=True):
        sentence += f" The frames are {frames_text(info)}; those of which nobody knows it are not judged to be right or wrong."
    if info.child("decisions").get("frames", int) > 1:
        sentence += " Its latency counts from the first of them."
    return [sentence]
