"""The variants of a visit, as the server dealt them: its page carries them signed, and gives them back with the first event.

So events need no look at the experiments, and nobody can write themselves into another variant.
"""

from collections.abc import Sequence
from uuid import UUID

from merchants.foundation import signing

PURPOSE = "visit-variants"
# As long as an event may be late; see `filters`.
TTL_S = 48 * 3600
# Of the rollups' columns. The oldest experiments of a room are named first.
LONGEST = 120
BETWEEN = "_"


def seal_variants(words: Sequence[str], *, schema: str, room_id: UUID, viewer_id: str) -> str:
    """`words`: `experiment-key.number` of each experiment that this viewer meets in this room. "" for none."""
    said = ""
    for word in words:
        longer = f"{said}{BETWEEN}{word}" if said else word
        said = longer if len(longer) <= LONGEST else said
    return signing.sign_for(schema, PURPOSE, {"said": said, "room": str(room_id), "viewer": viewer_id}, TTL_S) if said else ""


def read_variants(token: str, *, schema: str, room_id: UUID, viewer_id: str) -> str:
    """What this shop said to this viewer in this room; "" for everything else: the visit counts, without a variant."""
    try:
        known = signing.read_for(schema, PURPOSE, token)
    except (signing.TokenInvalid, signing.TokenExpired):
        return ""
    return str(known["said"]) if (known["room"], known["viewer"]) == (str(room_id), viewer_id) else ""
