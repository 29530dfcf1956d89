"""Faults and attacks on a generated project, served as in production: `python -m benchmarks.faults`."""
