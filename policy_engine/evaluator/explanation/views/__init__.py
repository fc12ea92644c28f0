"""Explanations as they are shown: to operators at a terminal, in logs and as JSON, and to callers."""
