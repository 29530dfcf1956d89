"""Metrics and labels in the queries of the printed dashboard."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

DASHBOARD = Path(__file__).parents[2] / "observability/grafana-dashboard.json"
METRIC, MATCHER, GROUPING = re.compile(r"(\w+)\{"), re.compile(r'(\w+)(?:=|!=|=~|!~)"'), re.compile(r"by \(([^)]*)\)")
OF_THE_SCRAPE = {"job", "instance"}
"""Labels that Prometheus adds to everything."""


def queries(*, of_jobs: bool) -> list[str]:
    """Those about jobs, which a worker answers, or all others, those of variables included."""
    return [query for query in _strings(json.loads(DASHBOARD.read_text())) if ("jobs_" in query) == of_jobs]


def metrics(queries: list[str]) -> set[str]:
    return {name for query in queries for name in METRIC.findall(query)}


def labels(queries: list[str]) -> set[str]:
    """All but those of the scrape."""
    grouped = {label for query in queries for group in GROUPING.findall(query) for label in group.split(", ")}
    return (grouped | {label for query in queries for label in MATCHER.findall(query)}) - OF_THE_SCRAPE


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in {"expr", "definition"}:
                yield inner
            else:
                yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
