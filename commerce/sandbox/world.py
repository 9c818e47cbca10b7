"""What one process holds."""

from dataclasses import dataclass

from commerce.sandbox.context import Context
from commerce.sandbox.faults import Faults
from commerce.sandbox.state.clock import Clock
from commerce.sandbox.state.store import Store
from commerce.sandbox.webhooks.knobs import Knobs
from commerce.sandbox.wire.origins import Doors


@dataclass
class World:
    """What one process holds: the store, its clock, the doors it opens, and the faults it was told to show."""

    store: Store
    clock: Clock
    doors: Doors
    faults: Faults
    knobs: Knobs
    base_url: str
    is_public: bool = False

    def base_for(self, host: str) -> str:
        """The address to lead a caller to: the public one if given, else the name it has just used itself."""
        return self.base_url if self.is_public or not host else f"http://{host}"

    def context(self, platform: str, account: str) -> Context:
        """A context for work that no keyed call started."""
        return Context(self.store, self.clock, self.knobs, self.base_url, account, platform)
