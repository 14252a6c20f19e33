"""Reads a run directory (harness/record/README.md), draws it and writes one page. Recomputes no statistic."""
