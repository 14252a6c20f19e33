"""What the page says of how it was measured: instrument, schedule, what counts, and whose time it is."""
from loopgate_report import units
from loopgate_report.axis import clock
from loopgate_report.replicates import method_sentence, virtual_sentence
from loopgate_report.page_decisions import method_sentences


def method(run):
    info = run.info
    sentences = [
        _instrument(info),
        *method_sentences(info),
        _schedule(info),
        (
            f"A response after the deadline of {units.us_round(info.get('deadline_ns', int))} us is late, and"
            " counts with its latency. A stimulus that is never answered is counted as unanswered (censored); it has no"
            " latency, so no quantile includes it."
        ),
        (
            f"The first {units.plural(info.get('warm_up', int, 0), 'stimulus')} of a cell are warm-up. They"
            " and the self-checks are in the samples file, and no figure includes them."
        ),
        (
            "Quantiles are nearest-rank over the raw samples: the smallest latency that this fraction of them does"
            " not exceed. Jitter is max minus min. Replicates are pooled. A quantile reads - where the stimuli are too few to"
            " resolve it: were none of them above a latency, they would not show at 95 % confidence that no more"
            " than its share of all are."
        ),
    ]
    if run.time_base == "virtual":
        sentences.append(
            "Time is virtual: the guest's clock counts executed instructions, so a run repeats to the"
            " nanosecond whatever the host does. It is a model without caches, buses or DMA: it shows what a"
            " kernel makes a response wait for, not a board's microseconds."
        )
        sentences += filter(None, [virtual_sentence(run)])
    else:
        sentences.append(method_sentence(run))
        if run.emulator:
            sentences.append(
                "The board is an emulator on a host that also does other things: its figures show that the procedure"
                " works, and are not hardware figures."
            )
    return sentences


def _instrument(info):
    machine = info.child("machine")
    if machine.get("kind", str) != "capture":
        return (
            "The instrument is outside the kernel under test: it raises an input pin and times the"
            " edge on the output pin that answers it. Latency is the response minus the stimulus."
        )
    return (
        "A logic analyser beside the board saw both pins, a sample every"
        f" {machine.get('resolution_ns', int):,} ns. Latency is the response's edge minus the stimulus's,"
        " exact to one sample in either direction. Board, kernel and load are what the user named on the command"
        " line: nothing was booted, attested or checked."
    )


def _schedule(info):
    least, most = (info.integers("interval_ns") + [0, 0])[:2]
    interval = f"{units.us_round(least)} to {units.us_round(most)} us ({clock(info.get('time_base', str))})"
    if info.child("machine").get("kind", str) == "capture":
        return (
            f"The stimuli came from elsewhere, {interval} apart. One that rose while another was pending is"
            " counted as not sent: it waited at least until that one's response."
        )
    if info.get("back_to_back", bool, False):
        return (
            f"The stimuli are closed loop: each comes {interval} after the response to the one before, or"
            " after that was given up. So the rate is what the kernel sustains, and no stimulus has to wait"
            " for another."
        )
    return (
        f"The stimuli are open loop: their times are drawn from the seed before the run, {interval} apart,"
        " and don't wait for answers. One that falls due while another is pending is not sent, and is"
        " counted as such."
    )
