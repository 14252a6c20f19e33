"""Reads a run directory (harness/formats.md), draws it and writes one page. Recomputes no statistic."""
