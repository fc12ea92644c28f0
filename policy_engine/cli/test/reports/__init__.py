"""What came of cases, as people and programs read it."""

from policy_engine.cli.test.reports.table import print_report, write_report

__all__ = ["print_report", "write_report"]
