"""`policy-engine issuers list-profiles`: the issuers that are known, and what has to be known of each."""

from typing import Annotated

import typer
from rich.table import Table

from policy_engine.cli.console import Format, errors_explained, out, print_json, visible
from policy_engine.cli.issuers.profile_page import kinds_of, page_lines, record_of
from policy_engine.cli.options import FormatOption
from policy_engine.mapper import Profile, load_profile, profile_names

__all__ = ["list_profiles"]

_COLUMNS = ("profile", "issuer", "tells", "flags (* required)")


def list_profiles(
    name: Annotated[
        str | None,
        typer.Argument(help="One profile, to read all of it: a shipped one's name, or a file's path."),
    ] = None,
    format: FormatOption = Format.text,  # noqa: A002 -- the option's name
) -> None:
    """List the shipped profiles, or print one with everything that an operator has to know of it.

    A profile says by what evidence one kind of issuer tells a machine's token from a person's. Flags with an
    asterisk have to be set.

    Example: policy-engine issuers list-profiles keycloak
    """
    with errors_explained():
        if name is not None:
            _print_page(load_profile(name), as_json=format is Format.json)
            return
        profiles = [load_profile(each) for each in profile_names()]
    if format is Format.json:
        print_json([record_of(profile) for profile in profiles])
    else:
        _print_table(profiles)


def _print_page(profile: Profile, *, as_json: bool) -> None:
    if as_json:
        print_json(record_of(profile, whole=True))
        return
    console = out()
    for label, text in page_lines(profile):
        console.print(f"{label:<12}", style="bold", end="")
        console.print(visible(text))


def _print_table(profiles: list[Profile]) -> None:
    console = out()
    rows = [_row(profile) for profile in profiles]
    if not console.is_terminal:
        # One line a profile, whatever the width: for grep, and for pages that show it.
        widths = [max(len(row[column]) for row in [_COLUMNS, *rows]) for column in range(3)]
        for row in [_COLUMNS, *rows]:
            cells = [cell.ljust(width) for cell, width in zip(row, [*widths, 0], strict=True)]
            console.print("  ".join(cells).rstrip())
        return
    table = Table(*_COLUMNS, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*row)
    console.print(table, soft_wrap=False)


def _row(profile: Profile) -> tuple[str, str, str, str]:
    flags = [f"{name}*" if flag.required else name for name, flag in profile.flags.items()]
    return profile.name, profile.title, kinds_of(profile), ", ".join(flags)
