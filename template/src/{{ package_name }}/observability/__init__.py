"""Metrics for Prometheus, and traces for whoever takes OTLP."""

from .observability import Observability

__all__ = ["Observability"]
