"""The files of a shop, by the place where they lie below its folder, and who may fetch them."""

from tests.leaks.doors import EVERYBODY, NOBODY

_ID, _DIGEST, _SEGMENTS = r"[0-9a-f-]{36}", r"[0-9a-f]{15}", r"\d+p/(?:init\.mp4|s\d{5}\.m4s)"
_FULL, _PREVIEW = rf"episodes/{_ID}/f{_DIGEST}", rf"episodes/{_ID}/p{_DIGEST}"

# Below MEDIA_ROOT/<schema>/: what `/media/<schema>/…` may serve of a paid episode. Its segments are encrypted, and the key is asked for
# apart; a version that is not may be looked at by staff alone.
PUBLISHED: dict[str, str] = {
    rf"products/{_ID}/{_ID}\.webp": EVERYBODY,
    rf"recordings/{_ID}/(?:index\.m3u8|init\d+\.mp4|s\d{{5}}\.m4s)": EVERYBODY,
    r"hosts/[\w-]+\.(?:webp|jpg|jpeg|png)": EVERYBODY,
    rf"(?:{_FULL}|{_PREVIEW})/poster\.jpg": EVERYBODY,
    rf"{_FULL}/(?:master|\d+p/index)\.m3u8": EVERYBODY,
    rf"{_FULL}/{_SEGMENTS}": EVERYBODY,
    rf"(?:{_FULL}|{_PREVIEW})/storyboard\.(?:jpg|vtt)": "seasons.view",
    rf"{_PREVIEW}/(?:master|\d+p/index)\.m3u8": "seasons.view",
    rf"{_PREVIEW}/{_SEGMENTS}": "seasons.view",
    rf"(?:{_FULL}|{_PREVIEW})/manifest\.json": NOBODY,
}

# Below DATA/sources/<schema>/: masters and uploads, which no address leads to.
KEPT: tuple[str, ...] = (rf"{_ID}/source",)
