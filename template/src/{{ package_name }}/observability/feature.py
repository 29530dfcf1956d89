from ..feature import Feature
from .observability import Observability
from .settings import MetricsSettings, OtelSettings

feature = Feature("observability", settings={"metrics": MetricsSettings, "otel": OtelSettings}, telemetry=Observability)
