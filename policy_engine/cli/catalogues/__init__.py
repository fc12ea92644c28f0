"""Catalogue files: where their items come from, what differs, and how they are written."""

from policy_engine.cli.catalogues.comparison import Change, Status, compare
from policy_engine.cli.catalogues.entries import (
    Entry,
    catalogue_text,
    catalogue_value,
    counted,
    read_entries,
    unreviewed,
)
from policy_engine.cli.catalogues.pinning import awaiting_review, pin_anew
from policy_engine.cli.catalogues.sources import Listing, check_pinnable, listed, listed_by_command

__all__ = [
    "Change",
    "Entry",
    "Listing",
    "Status",
    "awaiting_review",
    "catalogue_text",
    "catalogue_value",
    "check_pinnable",
    "compare",
    "counted",
    "listed",
    "listed_by_command",
    "pin_anew",
    "read_entries",
    "unreviewed",
]
