"""Files: each has its audience, under its own host alone, whatever the address looks like."""

import re
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.leaks.audiences import BUYER, GUEST, SHOPPER
from tests.leaks.doors import GONE, Door, Refusal
from tests.leaks.expectations.media import KEPT, PUBLISHED
from tests.leaks.knocking import Answer, ask
from tests.leaks.mirror import files_of
from tests.leaks.server import Server
from tests.leaks.twins import OURS, OURS_HOST, THEIRS, THEIRS_HOST, Twins, undone

LOCKED = Refusal(403, 403, 403)
ANYBODY = Door("everybody", {"GET": 200})


def kinds(twins: Twins) -> dict[str, list[str]]:
    """Files by the line of the table that they fit."""
    found: dict[str, list[str]] = {}
    for name in files_of(twins.media_root, OURS):
        lines = [line for line in PUBLISHED if re.fullmatch(line, name)]
        assert len(lines) == 1, f"{name} fits {len(lines)} lines: add its kind and its audience to PUBLISHED in tests/leaks/expectations/media.py"
        found.setdefault(lines[0], []).append(name)
    return found


def fetch(twins: Twins, path: str, audience: str, host: str = OURS_HOST) -> Answer:
    with undone():
        return ask(twins, ANYBODY, "GET", path, audience=audience, host=host)


def test_every_file_of_a_shop_is_of_an_expected_kind(twins: Twins) -> None:
    """What the stories of a shop leave on the disk is listed; what only the tests' shop lacks is named here."""
    assert set(PUBLISHED) - set(kinds(twins)) <= {r"hosts/[\w-]+\.(?:webp|jpg|jpeg|png)"}
    strays = [name for name in files_of(twins.data_root / "sources", OURS) if not any(re.fullmatch(line, name) for line in KEPT)]
    assert not strays, f"add to KEPT in tests/leaks/expectations/media.py: {strays}"


@pytest.mark.parametrize("line", PUBLISHED)
def test_a_file_opens_for_its_audience_on_its_own_host(line: str, twins: Twins) -> None:
    """Guests, shoppers and each role; on the other host the same name is the other shop's file, and the address of ours is nothing."""
    for name in kinds(twins).get(line, [])[:1]:
        door = Door(PUBLISHED[line], {"GET": 200}, refused=GONE if PUBLISHED[line] == "nobody" else LOCKED)
        for audience in twins.of_shop:
            answer = fetch(twins, f"/media/{OURS}/{name}", audience)
            assert answer.status == door.status("GET", audience), f"{audience} gets {answer.status} for {name}"
            assert not answer.leaks(THEIRS)
            assert fetch(twins, f"/media/{THEIRS}/{name}", audience).status == 404
            assert fetch(twins, f"/media/{OURS}/{name}", audience, host=THEIRS_HOST).status == 404


def test_equal_names_are_two_files(twins: Twins) -> None:
    """The same picture's path under the two hosts leads to each shop's own bytes."""
    for schema, host in ((OURS, OURS_HOST), (THEIRS, THEIRS_HOST)):
        answer = fetch(twins, f"/media/{schema}/{twins.shop.values['path'].removeprefix(OURS + '/')}", GUEST, host=host)
        assert (answer.status, answer.leaks(f"{schema}-canary") != "") == (200, True)


def test_a_version_without_its_row_is_nothing(twins: Twins) -> None:
    """Files of another edition, of another episode, or of the other shop's season alone are not served, though they lie there."""
    values, stranger = twins.shop.values, twins.stranger.values
    version = values["version"]
    folder = twins.media_root / OURS / "episodes"
    places = [
        folder / str(values["paid_id"]) / f"f{'0' * 15}",
        folder / str(stranger["paid_id"]) / version,
        folder / str(values["episode_id"]) / version,
    ]
    for place in places:
        place.mkdir(parents=True, exist_ok=True)
        (place / "poster.jpg").write_bytes(b"not to be seen")
    try:
        for place in places:
            for audience in (GUEST, BUYER, SHOPPER, "owner"):
                assert fetch(twins, f"/media/{place.relative_to(twins.media_root)}/poster.jpg", audience).status == 404, place
    finally:
        for place in places:
            (place / "poster.jpg").unlink()
            place.rmdir()


def ways_round(twins: Twins) -> list[str]:
    """Addresses on aurora's host that mean a file of borealis, of the sources, or of the machine."""
    picture = twins.shop.values["path"].removeprefix(f"{OURS}/")
    upload = f"{twins.shop.values['upload_id']}/source"
    targets = [f"{THEIRS}/{picture}", f"../data/sources/{OURS}/{upload}", "../../../../../../etc/passwd"]
    jumps = [f"{OURS}/../", f"{OURS}/products/../../", f"{OURS}//../", "./", "/", "//", f"{OURS}/..;/", f"{OURS}\\..\\"]
    plain = [f"/media/{jump}{target}" for jump in jumps for target in targets] + [f"/media/{target}" for target in targets]
    encoded = [path.replace("../", "%2e%2e%2f") for path in plain] + [path.replace("..", "%252e%252e") for path in plain]
    wide = [path.replace("../", "..%c0%af") for path in plain] + [f"/media/{OURS}/{picture}%00.jpg", f"/media/{quote(OURS.upper())}/{picture}"]
    absolute = [f"/media/{twins.media_root / THEIRS / picture}", f"/media{twins.media_root / THEIRS / picture}"]
    return plain + encoded + wide + absolute


async def test_no_way_round_leads_out_of_a_shops_folder(twins: Twins, server: Server) -> None:
    """Dots, escapes, double escapes, absolute names and null bytes, sent raw to the real server by the owner: 404, and no canary."""
    for path in ways_round(twins):
        answer = await server.ask(OURS_HOST, path.replace(" ", "%20"), key=twins.keys["owner"])
        assert answer.status in {400, 404}, f"{path} answers {answer.status}"
        assert THEIRS not in answer.text.replace(path.lower(), ""), path
        assert "root:" not in answer.text


async def test_a_forged_host_is_nobodys(twins: Twins, server: Server) -> None:
    """Only the exact domain leads to a shop, and a proxy's header does not."""
    for host in (
        f"{THEIRS_HOST}.",
        f"x.{OURS_HOST}",
        f"{OURS}.localhost.example",
        "127.0.0.1",
        f"{OURS_HOST}%00",
        "[::1]",
        f"{OURS_HOST}@{THEIRS_HOST}",
    ):
        answer = await server.ask(host, "/")
        assert answer.status in {400, 404}, host
        assert "canary" not in answer.text
    answer = await server.ask(OURS_HOST, "/", X_Forwarded_Host=THEIRS_HOST, Forwarded=f"host={THEIRS_HOST}")
    assert f"{OURS}-canary" in answer.text
    assert THEIRS not in answer.text


def test_the_folders_of_the_twins_are_those_of_the_settings(twins: Twins, media_root: Path) -> None:
    """Otherwise every test of this module would pass for nothing."""
    assert twins.media_root == media_root
    assert files_of(media_root, THEIRS)
