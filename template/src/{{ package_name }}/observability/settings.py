"""Settings of metrics and traces."""

from typing import Annotated, Literal

from pydantic import Field

from ..settings import Group

HttpAddress = Annotated[str, Field(pattern=r"^(https?://.+)?$")]
Protocol = Literal["", "http/protobuf"]
"""Protocol of OTLP: the only one that is installed."""


class MetricsSettings(Group):
    host: str = "127.0.0.1"
    """Address on which metrics are served. Everybody who can reach it can read them: use a private network."""

    port: Annotated[int, Field(ge=0, le=65535)] = 9464
    """Port of the first process; each further process on this machine uses the next free one. 0: no metrics."""


class OtelSettings(Group, extra="allow"):
    """OpenTelemetry's own variables, `OTEL_…`: all that its SDK knows. The fields are those that are checked here."""

    exporter_otlp_endpoint: HttpAddress = ""
    """Collector, such as `http://collector:4318`. Without this or the next one, there are no traces."""

    exporter_otlp_traces_endpoint: HttpAddress = ""
    exporter_otlp_protocol: Protocol = ""
    exporter_otlp_traces_protocol: Protocol = ""
    traces_exporter: Literal["", "otlp", "none"] = ""

    @property
    def traces_wanted(self) -> bool:
        endpoint = self.exporter_otlp_traces_endpoint or self.exporter_otlp_endpoint
        return endpoint != "" and self.traces_exporter != "none"

    @property
    def variables(self) -> dict[str, str]:
        """Return the variables as they are in the environment."""
        return {f"OTEL_{name.upper()}": str(value) for name, value in self.model_dump(exclude_unset=True).items()}
