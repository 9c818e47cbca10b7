"""The media folder, for development and small installations. In production nginx or a CDN serves the same addresses."""

import re
from functools import partial
from pathlib import Path

from django.core.files.storage import FileSystemStorage, default_storage
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.views.decorators.http import require_safe

from dramas.playback.gates import Watcher
from dramas.playback.media import MediaFile, find_media
from merchants.accounts.guests import viewer_of
from merchants.accounts.permissions import can
from merchants.foundation.errors import DomainError

LONGEST_ANSWER_BYTES = 16 * 1024 * 1024  # a two-second segment of the top rendition has about 1 MB
NOT_KEPT = {"Cache-Control": "no-store"}
_RANGE = re.compile(r"^bytes=(\d*)-(\d*)$")


def watcher_of(request: HttpRequest) -> Watcher:
    """The request's viewer, with what staff may see."""
    return Watcher(viewer_of(request).id, sees_drafts=can(request.user, "seasons.view"))


@require_safe
def serve_media(request: HttpRequest, path: str) -> HttpResponse:
    """One published file, whole or the asked-for range of it."""
    try:
        found = find_media(path, partial(watcher_of, request))
    except DomainError as refusal:
        return HttpResponse(refusal.message, status=refusal.http_status, content_type="text/plain; charset=utf-8", headers=NOT_KEPT)
    if not _is_there(found.name):
        return HttpResponse(status=404, headers=NOT_KEPT)
    return _answer(request, found)


def _is_there(name: str) -> bool:
    """A link that leads out of its folder is not there, whoever laid it."""
    if not default_storage.exists(name):
        return False
    if not isinstance(default_storage, FileSystemStorage):
        return True
    return Path(default_storage.path(name)).resolve() == Path(default_storage.location).resolve() / name


def _answer(request: HttpRequest, found: MediaFile) -> HttpResponse:
    size = default_storage.size(found.name)
    tag = f'"{found.name.rsplit("/", 1)[1]}-{size}"'
    headers = {"Accept-Ranges": "bytes", "Cache-Control": found.cache_control, "ETag": tag}
    if request.headers.get("If-None-Match") == tag and "no-store" not in found.cache_control and "no-cache" not in found.cache_control:
        return HttpResponseNotModified(headers=headers)
    first, last, is_partial = _wanted(request.headers.get("Range", ""), size)
    if first > last and size:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}", **NOT_KEPT})
    if is_partial:
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    body = b"" if request.method == "HEAD" else _read(found.name, first, last)
    headers["Content-Length"] = str(last - first + 1)
    return HttpResponse(body, status=206 if is_partial else 200, content_type=found.content_type, headers=headers)


def _wanted(header: str, size: int) -> tuple[int, int, bool]:
    """First and last byte, and whether that is a part. Several ranges, or one that cannot be read, are answered with the whole (RFC 9110, 14.2)."""
    found = _RANGE.match(header.strip())
    is_backwards = found is not None and "" not in found.groups() and int(found[2]) < int(found[1])
    if found is None or is_backwards or found[1] == found[2] == "":
        return 0, min(size, LONGEST_ANSWER_BYTES) - 1, size > LONGEST_ANSWER_BYTES
    if found[1] == "":
        first, last = max(0, size - int(found[2])), size - 1
    else:
        first, last = int(found[1]), min(int(found[2]), size - 1) if found[2] else size - 1
    if first >= size:
        return 1, 0, True
    return first, min(last, first + LONGEST_ANSWER_BYTES - 1), True


def _read(name: str, first: int, last: int) -> bytes:
    with default_storage.open(name, "rb") as file:
        file.seek(first)
        return bytes(file.read(last - first + 1))
