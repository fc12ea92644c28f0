"""HTTP as values: requests, answers, forms, and the table of refusals; nothing here opens a socket."""

from policy_engine.authserver.web.form import MAX_BODY_BYTES, Form, decode_component, read_form
from policy_engine.authserver.web.messages import HttpRequest, HttpResponse, json_response
from policy_engine.authserver.web.refusals import NO_STORE, REFUSALS, RefusedError, refusal_response

__all__ = [
    "MAX_BODY_BYTES",
    "NO_STORE",
    "REFUSALS",
    "Form",
    "HttpRequest",
    "HttpResponse",
    "RefusedError",
    "decode_component",
    "json_response",
    "read_form",
    "refusal_response",
]
