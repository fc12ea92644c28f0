"""Between an MCP client and a server that it would start: every line is decided on, for one principal.

`Passage` decides, and knows of no process; `relay` starts the server and carries the lines.
"""

from policy_engine.integrations.stdio.passage import Carried, Passage
from policy_engine.integrations.stdio.relay import relay

__all__ = ["Carried", "Passage", "relay"]
