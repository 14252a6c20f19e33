"""A flame graph of one sample: which functions were on the CPU, and who had called them. A width is a time."""
from dataclasses import dataclass, field

from matplotlib.patches import Rectangle

from loopgate_report import units
from loopgate_report.explanation import PHASES
from loopgate_report.phase_key import phase_key
from loopgate_report.sheet import MARGIN_IN, TITLE_IN, Sheet, context_text
from loopgate_report.style import INK, PHASE_LOOKS, WIDTH_IN, is_dark

_ROW_IN, _KEY_IN, _FOOT_IN = 0.2, 0.45, 0.42
_TEXT_SIZE = 7.5
_CHARACTER_IN = 0.068  # of DejaVu Sans at that size, in the mean
_LEAST_SHARE = 0.002  # narrower frames are one grey line on paper


@dataclass
class Frame:
    name: str
    ns: int = 0
    phases: dict = field(default_factory=dict)
    callees: dict = field(default_factory=dict)

    def add(self, chain):
        self.ns += chain.ns
        self.phases[chain.phase] = self.phases.get(chain.phase, 0) + chain.ns

    @property
    def phase(self):
        """That of most of its time."""
        return max(self.phases, key=self.phases.get)


def frames_of(sample):
    """The call chains as a tree: the sample, its tasks, and from there on inwards."""
    root = Frame(f"sample {sample.sample}")
    for chain in sample.chains:
        at = root
        at.add(chain)
        for name in (chain.task.name, *chain.stack):
            at = at.callees.setdefault(name, Frame(name))
            at.add(chain)
    return root


def draw_flame(run, sample):
    root = frames_of(sample)
    least_ns = _LEAST_SHARE * root.ns
    depth = _depth(root, least_ns)
    height = depth * _ROW_IN
    sheet = Sheet(TITLE_IN + _KEY_IN + height + _FOOT_IN)
    sheet.title(
        f"Where {sample.cell}'s sample {sample.sample} spent {units.us(sample.latency_ns)} us, virtual time",
        context_text(run),
    )
    phase_key(sheet, TITLE_IN + 0.05, {phase for phase, ns in zip(PHASES, sample.phase_ns) if ns})
    axes = sheet.axes(MARGIN_IN, TITLE_IN + _KEY_IN, MARGIN_IN, height)
    axes.set_axis_off()
    axes.set_xlim(0, root.ns)
    axes.set_ylim(0, depth)  # callers below those whom they called
    _draw(axes, root, 0, 0, least_ns)
    sheet.notes(
        [
            f"A width is a time, a frame stands on its caller. Frames below {_LEAST_SHARE:.1%} are not drawn."
            " A colour is the phase of most of the frame's time.",
        ]
    )
    return sheet


def _wide(frame, least_ns):
    callees = sorted(frame.callees.values(), key=lambda callee: -callee.ns)
    return [callee for callee in callees if callee.ns >= least_ns]


def _depth(frame, least_ns):
    return 1 + max((_depth(callee, least_ns) for callee in _wide(frame, least_ns)), default=0)


def _draw(axes, frame, left_ns, row, least_ns):
    colour, _ = PHASE_LOOKS[frame.phase] if row else ("#eeeeee", None)
    axes.add_patch(Rectangle((left_ns, row + 0.04), frame.ns, 0.92, facecolor=colour, edgecolor="white", linewidth=0.4))
    width_in = (WIDTH_IN - 2 * MARGIN_IN) * frame.ns / axes.get_xlim()[1]
    room = int((width_in - 0.06) / _CHARACTER_IN)
    if room >= 3:
        text = frame.name if len(frame.name) <= room else frame.name[: room - 1] + "…"
        axes.text(
            left_ns + 0.03 / (WIDTH_IN - 2 * MARGIN_IN) * axes.get_xlim()[1],
            row + 0.5,
            text,
            size=_TEXT_SIZE,
            va="center",
            color="white" if is_dark(colour) else INK,
            clip_on=True,
        )
    for callee in _wide(frame, least_ns):
        _draw(axes, callee, left_ns, row + 1, least_ns)
        left_ns += callee.ns
