"""`policy-engine keys rotate`: a new key that signs once everybody knows it."""

from pathlib import Path

from policy_engine.cli.console import Format, errors_explained, out, print_json, visible
from policy_engine.cli.keys.opened import opened
from policy_engine.cli.keys.told import record_of, sentences
from policy_engine.cli.options import ConfigOption, FormatOption

__all__ = ["rotate"]


def rotate(
    config: ConfigOption = Path("policy-engine.yaml"),
    format: FormatOption = Format.text,  # noqa: A002 -- the option's name
) -> None:
    """Make the next signing key, and seal all keys with the first encryption key.

    It is published at once, and signs six minutes later, when everybody has seen it. The key that signs now
    is published an hour longer, until its last token has expired. Running servers notice by themselves; no
    token is refused meanwhile. If there is a next key already, none is made.

    Example: policy-engine keys rotate
    """
    with errors_explained():
        with opened(config, create=True) as keys:
            after = keys.rotate()
        if format is Format.json:
            print_json([record_of(key) for key in after])
            return
        for line in sentences(after):
            out().print(visible(line))
