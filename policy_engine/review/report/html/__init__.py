"""A review as one page of HTML that needs nothing else, and asks nobody for anything."""

from policy_engine.review.report.html.page import html

__all__ = ["html"]
