"""Calls the fuzzers of the readers: each begins with real files of its format, and goes on with what it found the last time."""

import hashlib
import math
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
SANITIZED = ROOT / "build" / "sanitized"
REFERENCE_APP = ROOT / "build" / "reference-app" / "tests"
CORPUS = ROOT / "build" / "fuzz"
OWN_RUN = ROOT / "build" / "fuzz-run"
CORES = os.cpu_count() or 1
LARGEST_SEED = 100_000  # bytes: with larger ones a fuzzer tries few of them a second
# Of this tree.
SEEDS = {
    "acceptance_fuzz": ["fixtures/recordings/acceptance.json"],
    "audit_fuzz": ["fixtures/recordings/audit/*.facts"],
    "bisect_record_fuzz": ["fixtures/recordings/bisect.json"],
    "board_fuzz": ["boards/*.toml", "boards/*/board.toml"],
    "calibration_fuzz": ["fixtures/recordings/calibration.json"],
    "commit_range_fuzz": ["fixtures/recordings/rev-list.txt"],
    "cost_file_fuzz": ["fixtures/recordings/cost.json"],
    "config_options_fuzz": ["fixtures/kernels/fragments/*.config"],
    "hunt_file_fuzz": ["fixtures/recordings/hunt.json"],
    "console_fuzz": ["fixtures/recordings/console-*.log"],
    "cyclictest_file_fuzz": ["fixtures/recordings/cyclictest*.json", "fixtures/recordings/results/cyclictest*.json", "fixtures/recordings/programs/cyclictest*.json"],
    "cyclictest_text_fuzz": ["fixtures/recordings/results/cyclictest*.txt"],
    "definitions_fuzz": ["suites/*/suite.toml", "fixtures/loads/*.toml", "fixtures/kernels/*.toml"],
    "imported_file_fuzz": ["fixtures/recordings/imported.json"],
    "instrument_settings_fuzz": ["fixtures/recordings/messages/instrument.json"],
    "jitterdebugger_fuzz": ["fixtures/recordings/results/jitterdebugger*"],
    "job_fuzz": ["fixtures/recordings/messages/job.json"],
    "judged_again_fuzz": ["fixtures/recordings/verdict.json"],
    "keys_fuzz": ["fixtures/recordings/keys/*.pub"],
    "labgrid_text_fuzz": ["fixtures/recordings/labgrid/*/*.txt"],
    "manifest_fuzz": ["fixtures/recordings/manifest.json"],
    "model_file_fuzz": ["fixtures/recordings/models/*"],
    "osadl_fuzz": ["fixtures/recordings/results/osadl*.json"],
    "payload_work_fuzz": ["fixtures/recordings/inspect-result.json"],
    "recorded_verdict_fuzz": ["fixtures/recordings/verdict.json"],
    "plan_file_fuzz": ["suites/*/acceptance.toml"],
    "policy_fuzz": ["suites/*/release.toml", "suites/*/release-on-board.toml", "suites/*/strict.toml", "suites/*/worst-case.toml"],
    "rates_fuzz": ["fixtures/recordings/stress-ng*.yaml"],
    "rteval_xml_fuzz": ["fixtures/recordings/results/rteval*.xml"],
    "rtla_hist_fuzz": ["fixtures/recordings/results/rtla*.txt"],
    "suites_own_fuzz": ["suites/*/suite.toml"],
    "section_reader_fuzz": ["fixtures/recordings/sections.lgw"],
    "sealed_json_fuzz": ["fixtures/recordings/messages/*.json"],
    "sigrok_csv_fuzz": ["fixtures/recordings/sigrok/*.csv"],
    "sigrok_session_fuzz": ["fixtures/recordings/sigrok/*.sr"],
    "trace_page_fuzz": ["fixtures/recordings/trace-page.bin"],
    "worst_case_fuzz": ["fixtures/recordings/worst-case.json"],
}
# Of a run.
SEEDS_OF_RUN = {
    "asked_for_fuzz": ["cells/*/evidence.json"],
    "comparison_fuzz": ["comparison.json"],
    "console_fuzz": ["cells/*/console.log"],
    "frames_file_fuzz": ["cells/*/frames.lgf"],
    "outcome_fuzz": ["cells/*/outcome.json"],
    "probe_file_fuzz": ["cells/*/probe.lgp"],
    "run_record_fuzz": ["run.json"],
    "samples_file_fuzz": ["cells/*/samples.lgs"],
    "stamps_file_fuzz": ["cells/*/stamps.lst", "cells/*/loopback.lst"],
}


def fuzzers():
    return sorted(path.stem for folder in ("harness", "reference-app") for path in (ROOT / folder).rglob("*_fuzz.cpp"))


def program_of(name):
    """`unit` builds the harness' under sanitizers, `build` the reference application's with its tests."""
    return REFERENCE_APP / name if (ROOT / "reference-app" / "tests" / f"{name}.cpp").exists() else SANITIZED / name


def own_run():
    """A small one of this tree's program; none where that is not there, or cannot measure."""
    program = ROOT / "build" / "loopgate"
    if not program.exists():
        return []
    shutil.rmtree(OWN_RUN, ignore_errors=True)
    try:
        done = subprocess.run([program, "run", "irq-to-gpio", "--kernel", "generic", "--load", "mixed", "--samples", "20", "--probe", "ebpf", "--out", OWN_RUN], capture_output=True, timeout=600, cwd=ROOT, check=False)
    except subprocess.TimeoutExpired:
        return []
    return [OWN_RUN] if done.returncode == 0 else []


def seeds_of(name, runs):
    places = [(ROOT, SEEDS), *((run, SEEDS_OF_RUN) for run in runs)]
    found = [path for folder, table in places for pattern in table.get(name, []) for path in sorted(folder.glob(pattern))]
    return [path for path in found if path.is_file() and path.stat().st_size <= LARGEST_SEED]


def left_by_programs():
    """measuring_program_fuzz's form: which program, how it ended (with 0), what it printed, a zero, and its file."""
    listed = (ROOT / "harness" / "programs" / "measuring" / "measuring_program.cpp").read_text()
    programs = re.findall(r"&(\w+)_program\(\)", listed)
    found = []
    for printed in sorted((ROOT / "fixtures" / "recordings" / "programs").glob("*.txt")):
        stem = printed.stem.replace("-", "_")
        index = next(at for at, program in enumerate(programs) if f"{stem}_".startswith(f"{program}_"))
        file = printed.with_suffix(".json")
        content = bytes([index, 0]) + printed.read_bytes() + (b"\0" + file.read_bytes() if file.exists() else b"")
        if len(content) <= LARGEST_SEED:
            found.append(content)
    return found


def contents_of(name, runs):
    contents = [path.read_bytes() for path in seeds_of(name, runs)]
    return contents + (left_by_programs() if name == "measuring_program_fuzz" else [])


def plant(name, runs):
    """Puts the seeds among what the fuzzer has found; gives the folder."""
    folder = CORPUS / name
    folder.mkdir(parents=True, exist_ok=True)
    for content in contents_of(name, runs):
        (folder / hashlib.sha1(content).hexdigest()).write_bytes(content)  # libFuzzer names its own alike
    return folder


def artefacts_of(name):
    """The inputs that a fuzzer failed on."""
    return sorted(path for kind in ("crash", "leak", "oom", "timeout") for path in SANITIZED.glob(f"{name}-{kind}-*"))


def command(name, seconds, runs=()):
    """One fuzzer's, which ends after that many seconds of the wall's clock; what it failed on before is removed."""
    for old in artefacts_of(name):
        old.unlink()
    return [program_of(name), f"-max_total_time={seconds}", "-rss_limit_mb=2048", "-timeout=10", "-verbosity=0", "-print_final_stats=1",
            f"-artifact_prefix={SANITIZED}/{name}-", plant(name, runs)]


def executions_in(told):
    """As libFuzzer counts them; nothing where it did not come to its end."""
    return next((int(line.split(":")[-1]) for line in told.splitlines() if line.startswith("stat::number_of_executed_units")), None)


def timed(argv):
    """Its exit status, what it told, and the seconds of CPU that it took: libFuzzer itself counts those of the clock on the wall."""
    with tempfile.TemporaryFile() as told:
        process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=told, stdin=subprocess.DEVNULL, cwd=ROOT)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        told.seek(0)
        return process.returncode, told.read().decode(errors="replace"), used.ru_utime + used.ru_stime


def fuzz(name, seconds, runs):
    """At least so many seconds of CPU. Whether the fuzzer failed on nothing, and what to say of it."""
    if not program_of(name).exists():
        stage = "unit" if program_of(name).parent == SANITIZED else "build"
        return False, f"{name}: was not built: ci/test --only {stage} builds it"
    seeds = len(contents_of(name, runs))
    used, inputs = 0.0, 0
    while used < seconds:
        status, told, cpu = timed(command(name, math.ceil(seconds - used), runs))
        executions = executions_in(told)
        if status != 0 or not executions:
            found = ", ".join(str(path.relative_to(ROOT)) for path in artefacts_of(name)) or "nothing was kept"
            return False, f"{name}: failed ({found}):\n{told[-3000:]}"
        used, inputs = used + cpu, inputs + executions
    return True, f"{name}: {inputs} inputs in {used:.0f} s of CPU, from {seeds} seeds: no finding"
