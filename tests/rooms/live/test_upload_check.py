"""The green room's measurement: bytes that are taken and forgotten."""

from typing import Any

from rooms.live.api import MOST_MEASURED_BYTES
from tests.leaks.audiences import Key, client_of


def test_bytes_are_taken_from_the_host_alone_and_not_without_end(aurora: Any, borealis: Any, key_of: Any, set_up: Any) -> None:
    """1.5 MB pass; more than a measurement needs, a shopper, a moderator and the other shop's host are refused."""
    stage = set_up(aurora)
    host, moderator, foreign = (key_of(shop, role)[0] for shop, role in ((aurora, "host"), (aurora, "moderator"), (borealis, "host")))

    def post(shop: Any, key: Key | None, size: int = 1_500_000) -> int:
        path = f"/api/v1/console/{stage.slug}/live/upload"
        status: int = client_of(shop.host, key).post(path, bytes(size), content_type="application/octet-stream").status_code
        return status

    assert (post(aurora, host), post(aurora, host, MOST_MEASURED_BYTES + 1)) == (204, 413)
    assert (post(aurora, moderator), post(borealis, foreign)) == (403, 404)
    assert post(aurora, None) in {401, 403}
