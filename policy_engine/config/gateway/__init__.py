"""The section `gateway`: what it must have in common with the rest of the file, and what it means."""

from policy_engine.config.gateway.checking import check_gateway
from policy_engine.config.gateway.places import served_hosts, served_path

__all__ = ["check_gateway", "served_hosts", "served_path"]
