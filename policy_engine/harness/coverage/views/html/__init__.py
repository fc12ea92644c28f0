"""Coverage as one page of HTML that needs nothing else: no script, no network."""

from policy_engine.harness.coverage.views.html.page import coverage_page

__all__ = ["coverage_page"]
