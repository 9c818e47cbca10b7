"""The media folder: exactly the published kinds of files, of this shop, and nothing beside them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from merchants.foundation.tenancy import in_schema
from tests.conftest import Shop
from tests.dramas.building import approve, make_short_season


@pytest.fixture
def season(aurora: Shop, borealis: Shop, hire: Any, stamped_film: Callable[[int, float], Path]) -> Any:
    with in_schema(aurora.schema):
        made = make_short_season([stamped_film(1, 4.0)])
        approve(made.id, hire(aurora, "reviewer", email="r@aurora.test"))
        return made


@pytest.fixture
def folder(season: Any) -> str:
    return f"/media/aurora/{season.episodes[0].media_folder}"


TYPES = {
    "master.m3u8": "application/vnd.apple.mpegurl",
    "360p/index.m3u8": "application/vnd.apple.mpegurl",
    "360p/init.mp4": "video/mp4",
    "360p/s00000.m4s": "video/iso.segment",
    "poster.jpg": "image/jpeg",
    "storyboard.vtt": "text/vtt; charset=utf-8",
    "storyboard.jpg": "image/jpeg",
}


def test_published_files_come_with_their_type(browse: Any, aurora: Shop, folder: str) -> None:
    """And may be kept for a year, since their bytes never change under their name; no cookie rides along into shared caches."""
    for name, content_type in TYPES.items():
        answer = browse(aurora).get(f"{folder}/{name}")
        assert (answer.status_code, answer["Content-Type"]) == (200, content_type), name
        assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert int(answer["Content-Length"]) == len(answer.content) > 0
        assert not answer.cookies


ATTACKS = [
    "{folder}/manifest.json",
    "{folder}/",
    "{folder}",
    "{folder}/360p/",
    "{folder}/360p/../../../../../../etc/passwd",
    "{folder}/%2e%2e/%2e%2e/master.m3u8",
    "{folder}/..%2f..%2fmaster.m3u8",
    "{folder}//master.m3u8",
    "{folder}/./master.m3u8",
    "{folder}/master.m3u8%00.jpg",
    "{folder}/master.m3u8/",
    "{folder}/360p\\init.mp4",
    "{folder}/360p/s00000.m4s.part",
    "{folder}/360p/s99999.m4s",
    "{folder}/MASTER.M3U8",
    "/media/",
    "/media/aurora",
    "/media/aurora/",
    "/media/aurora/../borealis/products/x.webp",
    "/media/borealis/products/a/b.webp",
    "/media/public/products/a/b.webp",
    "/media/aurora/sources/x/source",
    "/media/aurora/episodes/x.jpg",
    "/media/aurora/products/../../secret.jpg",
    "/media/aurora/products/.hidden.jpg",
    "/media/aurora/products/script.svg",
    "/media/aurora/products/page.html",
    "/media//etc/passwd",
    "/media/%2fetc%2fpasswd",
]


def test_everything_else_does_not_exist(browse: Any, aurora: Shop, folder: str) -> None:
    """Traversal, other shops, drafts of names, other kinds: 404, and nothing is kept by caches."""
    client = browse(aurora)
    for attack in ATTACKS:
        answer = client.get(attack.format(folder=folder))
        assert answer.status_code == 404, attack
        assert "public" not in answer.get("Cache-Control", ""), attack


def test_links_out_of_the_folder_are_not_followed(browse: Any, aurora: Shop, season: Any, folder: str, tmp_path: Path) -> None:
    """A symbolic link under a valid name is no published file."""
    secret = tmp_path / "secret"
    secret.write_text("secret")
    with in_schema(aurora.schema):
        path = Path(default_storage.path(f"{season.episodes[0].media_folder}/360p/s00099.m4s"))
    path.symlink_to(secret)
    assert browse(aurora).get(f"{folder}/360p/s00099.m4s").status_code == 404


PARTS: dict[str, tuple[int, int | None]] = {
    "bytes=0-99": (0, 99),
    "bytes=100-": (100, None),
    "bytes=-50": (-50, None),
    "bytes=0-99999999": (0, None),
    "bytes=5-5": (5, 5),
}


def test_a_part_is_given_as_asked(browse: Any, aurora: Shop, folder: str) -> None:
    """RFC 9110, section 14: within the file; beyond its end 416 with the size; the whole for what cannot be read."""
    client, url = browse(aurora), f"{folder}/360p/s00000.m4s"
    whole = client.get(url).content
    for header, (first, last) in PARTS.items():
        answer = client.get(url, headers={"Range": header})
        expected = whole[first:] if last is None else whole[first : last + 1]
        assert (answer.status_code, answer.content) == (206, expected), header
        start = len(whole) + first if first < 0 else first
        assert answer["Content-Range"] == f"bytes {start}-{start + len(expected) - 1}/{len(whole)}"
    for header in ("bytes=9999999-", "bytes=9999999-99999999"):
        answer = client.get(url, headers={"Range": header})
        assert (answer.status_code, answer["Content-Range"]) == (416, f"bytes */{len(whole)}")
    for header in ("bytes=0-1,5-6", "bytes=x", "lines=1-2", "bytes=-", "bytes=9-1"):
        assert client.get(url, headers={"Range": header}).status_code == 200, header


def test_head_and_a_known_tag_cost_no_body(browse: Any, aurora: Shop, folder: str) -> None:
    """HEAD names the size; If-None-Match gets 304; writing is not offered."""
    client, url = browse(aurora), f"{folder}/360p/init.mp4"
    whole = client.get(url)
    head = client.head(url)
    assert (head.content, head["Content-Length"]) == (b"", str(len(whole.content)))
    assert client.get(url, headers={"If-None-Match": whole["ETag"]}).status_code == 304
    assert client.post(url).status_code == 405
    assert client.delete(url).status_code == 405


def test_pictures_of_the_shop_are_served_to_it_alone(browse: Any, aurora: Shop, borealis: Shop) -> None:
    """A product's picture under its own shop's name."""
    with in_schema(aurora.schema):
        name = default_storage.save("products/0190/0191.webp", ContentFile(b"RIFFxxxxWEBP"))
    answer = browse(aurora).get(f"/media/aurora/{name}")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    assert browse(borealis).get(f"/media/aurora/{name}").status_code == 404
    assert browse(borealis).get(f"/media/borealis/{name}").status_code == 404
