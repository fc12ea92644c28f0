"""A review, to be read: a page, a comment on a pull request, a terminal, a spreadsheet, JSON."""

from policy_engine.review.report.commands import Command, commands_of
from policy_engine.review.report.comparing import Change, Comparison, Record, compare, read_baseline
from policy_engine.review.report.html import html
from policy_engine.review.report.markdown import markdown
from policy_engine.review.report.record import record, record_text
from policy_engine.review.report.record_schema import review_json_schema
from policy_engine.review.report.sarif import sarif, sarif_text
from policy_engine.review.report.spreadsheet import access_csv
from policy_engine.review.report.text import Line, Style, review_lines

__all__ = [
    "Change",
    "Command",
    "Comparison",
    "Line",
    "Record",
    "Style",
    "access_csv",
    "commands_of",
    "compare",
    "html",
    "markdown",
    "read_baseline",
    "record",
    "record_text",
    "review_json_schema",
    "review_lines",
    "sarif",
    "sarif_text",
]
