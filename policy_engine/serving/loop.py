"""The event loop that serves; uvicorn has no setting for how long a TLS handshake may take."""

import asyncio
from typing import Any, Final

__all__ = ["HANDSHAKE_SECONDS", "ServingLoop"]

HANDSHAKE_SECONDS: Final = 10.0
"""asyncio gives a minute to whoever connects and is silent."""


class ServingLoop(asyncio.SelectorEventLoop):
    """asyncio's own, with a short deadline for handshakes."""

    async def create_server(self, *arguments: Any, **named: Any) -> asyncio.Server:  # noqa: ANN401 -- asyncio's
        """Listen."""
        if named.get("ssl") is not None:
            named.setdefault("ssl_handshake_timeout", HANDSHAKE_SECONDS)
        return await super().create_server(*arguments, **named)
