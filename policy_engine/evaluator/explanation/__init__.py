"""Why a request was allowed or denied: what each policy saw of it, and how near it came."""

from policy_engine.evaluator.explanation.explanation import Explanation
from policy_engine.evaluator.explanation.findings import Choice, Finding, Need, Reading, Subject, flatten
from policy_engine.evaluator.explanation.policy import PolicyExplanation
from policy_engine.evaluator.explanation.request import RequestExplanation, explain_request
from policy_engine.evaluator.explanation.views.caller import HINTS, caller_view
from policy_engine.evaluator.explanation.views.line import explanation_line
from policy_engine.evaluator.explanation.views.quotes import Remark, quoted
from policy_engine.evaluator.explanation.views.record import explanation_record
from policy_engine.evaluator.explanation.views.text import Style, explanation_lines, explanation_reasons

__all__ = [
    "HINTS",
    "Choice",
    "Explanation",
    "Finding",
    "Need",
    "PolicyExplanation",
    "Reading",
    "Remark",
    "RequestExplanation",
    "Style",
    "Subject",
    "caller_view",
    "explain_request",
    "explanation_line",
    "explanation_lines",
    "explanation_reasons",
    "explanation_record",
    "flatten",
    "quoted",
]
