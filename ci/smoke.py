"""What ci/test's stage `smoke` runs: what is shipped and run nowhere else. Each is (what, command, limit in seconds, why it cannot run here or
None)."""

import os
import shutil
import sys
import tempfile


def runs(root):
    """In the order in which they are run."""
    bench = None if (root / "build" / "loopgate").exists() else "build/loopgate is missing: ci/build makes it"
    if bench is None and shutil.which("qemu-system-aarch64") is None:
        bench = "qemu-system-aarch64 is missing: ci/setup installs it"
    yield "ci/bench --smoke", ["ci/bench", "--smoke"], 900, bench
    nulls = ["--only", "command-line-7", "--only", "link-order-1", "--samples", "500", "--jobs", "2"]  # 100 are over before preempt-rt has given each stressor a turn
    with tempfile.TemporaryDirectory(prefix="loopgate-nulls.") as out:
        yield "changes that are none of the kernel's are made", ["fixtures/planted/null_changes", "--out", out, *nulls], 900, bench
    yield "the model's card is still true", ["reference-app/model/train", "--evaluate-only"], 900, model_cannot_run(root)


def model_cannot_run(root):
    """Scoring takes a Debian tree of its own, some GB with PyTorch: it is used where `train` has made it, and not fetched for a smoke."""
    sys.path[:0] = [str(root / "fixtures" / "debian")]
    from common import cache_directory
    if not list((cache_directory() / "training").glob("*/packages.json")):
        return "the libraries of reference-app/model/train are not in the cache; by hand: reference-app/model/train --evaluate-only"
    if os.geteuid() != 0 and shutil.which("unshare") is None:
        return "unshare is missing"
    return None
