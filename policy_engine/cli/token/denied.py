"""`policy-engine token denied`: which tokens count no longer."""

import time

from policy_engine.cli.console import Format, errors_explained, out, print_json, visible
from policy_engine.cli.options import ConfigOption, FormatOption
from policy_engine.cli.token.denials import CONFIG, opened, record_of

__all__ = ["denied"]

_COLUMNS = ("kind", "value", "since", "until", "reason")


def denied(
    config: ConfigOption = CONFIG,
    format: FormatOption = Format.text,  # noqa: A002 -- the option's name
) -> None:
    """List the tokens that are denied: one by one (`jti`), or all of a machine (`subject`).

    Denials that are over aren't listed.

    Example: policy-engine token denied --format json
    """
    with errors_explained():
        with opened(config, create=False) as store:
            found = [record_of(denial) for denial in store.denials.all(time.time())]
        if format is Format.json:
            print_json(found)
        elif not found:
            out().print("nothing is denied")
        else:
            rows = [tuple(visible(record[name] or "-") for name in _COLUMNS) for record in found]
            widths = [max(map(len, column)) for column in zip(_COLUMNS, *rows, strict=True)]
            for row in (_COLUMNS, *rows):
                cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
                out().print("  ".join(cells).rstrip())
