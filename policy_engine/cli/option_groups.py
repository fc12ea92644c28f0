"""Options that belong together: read by one function, and one argument of the command that has them."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

__all__ = ["with_group"]


def with_group(name: str, read: Callable[..., Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Put the options of a function in the place of one argument of a command.

    Args:
        name: of the argument; it is given what the function makes of the options.
        read: has the options as its parameters.
    """
    options = inspect.signature(read).parameters

    def changed(command: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(command)
        parameters = [
            each
            for parameter in signature.parameters.values()
            for each in (options.values() if parameter.name == name else [parameter])
        ]

        @wraps(command)
        def run(**given: Any) -> None:  # noqa: ANN401 -- whatever the options are
            own = {option: given.pop(option) for option in options}
            command(**given, **{name: read(**own)})

        # What typer reads: the signature, and the annotations beside it.
        shown: Any = run
        shown.__signature__ = signature.replace(parameters=parameters)
        shown.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return run

    return changed
