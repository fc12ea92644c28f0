"""What an audit log says."""

from policy_engine.audit.reading.filters import FILTERS, Filter
from policy_engine.audit.reading.following import follow, last_records
from policy_engine.audit.reading.records import Recorded, read_records
from policy_engine.audit.reading.statistics import Statistics

__all__ = ["FILTERS", "Filter", "Recorded", "Statistics", "follow", "last_records", "read_records"]
