"""Scrape of a process, as Prometheus would get it."""

from dataclasses import dataclass
from urllib.request import ProxyHandler, build_opener

from prometheus_client.parser import text_string_to_metric_families


@dataclass(frozen=True)
class Scrape:
    text: str

    @property
    def names(self) -> set[str]:
        families = text_string_to_metric_families(self.text)
        return {sample.name for family in families for sample in family.samples}

    @property
    def labels(self) -> set[str]:
        families = text_string_to_metric_families(self.text)
        return {label for family in families for sample in family.samples for label in sample.labels}

    def values(self, name: str, **labels: str) -> list[float]:
        """Of all series that have these labels; an empty one stands for none, as it does in Prometheus."""
        return [
            sample.value
            for family in text_string_to_metric_families(self.text)
            for sample in family.samples
            if sample.name == name and all(sample.labels.get(key, "") == value for key, value in labels.items())
        ]


def scrape(port: int, host: str = "127.0.0.1") -> Scrape:
    directly = build_opener(ProxyHandler({}))
    with directly.open(f"http://{host}:{port}/metrics", timeout=5) as response:
        assert response.headers["Content-Type"].startswith("text/plain; version=")
        return Scrape(response.read().decode())
