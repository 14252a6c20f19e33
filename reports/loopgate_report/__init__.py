"""Reads a run directory (harness/record/README.md), draws it and writes one page. Recomputes no statistic."""
import os
import sys
from pathlib import Path

# Before matplotlib is imported: one that it does not know ends the import.
os.environ["MPLBACKEND"] = "agg"

# What all scripts print with; it knows nothing of runs or fixtures.
sys.path.append(str(Path(__file__).resolve().parents[2] / "fixtures" / "debian"))
