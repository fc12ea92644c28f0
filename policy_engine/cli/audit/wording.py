"""One decision as one line, for people."""

from datetime import UTC, datetime

from policy_engine.audit import Recorded
from policy_engine.cli.console import visible

__all__ = ["decision_line", "moment"]


def moment(seconds: float) -> str:
    """A time as ISO 8601 has it, in UTC."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return "-"


def decision_line(record: Recorded) -> str:
    """When, what was decided, who asked for what, and why."""
    who = f"{record.kind} {record.principal}" if record.principal else "unknown"
    if record.actor:
        who += f" by {record.actor}"
    code = record.text("code")
    if record.text("detail"):
        code += f" ({record.text('detail')})"
    verdict = "ALLOW" if record.text("decision") == "allow" else "DENY "
    parts = [moment(record.time), verdict, f"{code:<20}", who, record.tool]
    if record.policies:
        parts.append(f"[{', '.join(record.policies)}]")
    return visible("  ".join(part for part in parts if part))
