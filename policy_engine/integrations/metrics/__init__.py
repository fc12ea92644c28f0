"""What is counted of decisions, and how Prometheus reads it; the only importer of prometheus_client."""

from policy_engine.integrations.metrics.counting import Metrics
from policy_engine.integrations.metrics.exposition import METRICS, Exposition, of_processes

__all__ = ["METRICS", "Exposition", "Metrics", "of_processes"]
