"""REST door of the slice: resumable uploads (tus 1.0.0: core, creation, expiration, termination) and an episode's work.

A browser sends pieces of a few MB, one PATCH each: under ASGI the server holds a piece until it is whole, so a piece is what a broken
connection costs. The PATCH that completes the file answers after the probe, with its refusal if there is one.
"""

import base64
import binascii
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import http_date
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from dramas.transcode import actions
from dramas.transcode.errors import ProtocolMismatch, UploadTooMuch
from dramas.transcode.limits import MEBIBYTE, SourceLimits
from dramas.transcode.models import Upload
from dramas.transcode.queries import get_work
from dramas.transcode.serializers import EpisodeWorkSerializer
from merchants.accounts.permissions import require
from merchants.foundation.errors import DomainError, InvalidInput
from merchants.foundation.http import ApiView

TUS_VERSION = "1.0.0"
PIECE_TYPE = "application/offset+octet-stream"
MAX_PIECE_BYTES = 64 * MEBIBYTE
EDIT, VIEW = "seasons.edit", "seasons.view"


class PieceParser(BaseParser):
    """Lets a piece's media type in; the view reads the stream itself, so nothing is held in memory."""

    media_type = PIECE_TYPE

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        return stream


class TusView(ApiView):
    """What all addresses of the protocol share: its version is demanded, and named in every answer."""

    parser_classes = [PieceParser]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method != "OPTIONS":
            require(request.user, EDIT)
            if request.headers.get("Tus-Resumable") != TUS_VERSION:
                raise ProtocolMismatch

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        final = super().finalize_response(request, response, *args, **kwargs)
        final["Tus-Resumable"] = TUS_VERSION
        final["Cache-Control"] = "no-store"
        return final

    def handle_exception(self, exc: Exception) -> Response:
        """The protocol asks for Upload-Offset with a conflict, so that a client can go on at once."""
        response = super().handle_exception(exc)
        if isinstance(exc, DomainError) and "offset" in exc.params:
            response["Upload-Offset"] = str(exc.params["offset"])
        if isinstance(exc, ProtocolMismatch):
            response["Tus-Version"] = TUS_VERSION
        return response


@extend_schema(tags=["uploads"], parameters=[OpenApiParameter("Tus-Resumable", str, OpenApiParameter.HEADER, required=True)])
class UploadsView(TusView):
    """Where uploads begin."""

    @extend_schema(exclude=True)
    def options(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return HttpResponse(
            status=204,
            headers={
                "Tus-Version": TUS_VERSION,
                "Tus-Extension": "creation,expiration,termination",
                "Tus-Max-Size": str(SourceLimits().max_bytes),
            },
        )

    @extend_schema(
        request=None,
        parameters=[
            OpenApiParameter("Upload-Length", int, OpenApiParameter.HEADER, required=True, description="Size of the file in bytes."),
            OpenApiParameter(
                "Upload-Metadata",
                str,
                OpenApiParameter.HEADER,
                required=True,
                description="Pairs of name and base64 value: `episode` (id), `filename`, `fingerprint` (the same file continues its upload).",
            ),
        ],
        responses={201: OpenApiResponse(description="`Location` is the upload's address, `Upload-Offset` where it stands.")},
    )
    def post(self, request: Request) -> HttpResponse:
        metadata = read_metadata(request.headers.get("Upload-Metadata", ""))
        upload = actions.start_upload(
            episode_id=_as_uuid(metadata.get("episode", "")),
            filename=metadata.get("filename", ""),
            size_bytes=_as_count(request, "Upload-Length"),
            fingerprint=metadata.get("fingerprint", ""),
            actor=_actor(request),
        )
        return HttpResponse(status=201, headers={"Location": reverse("upload", args=[upload.pk]), **_progress_headers(upload)})


@extend_schema(tags=["uploads"], parameters=[OpenApiParameter("Tus-Resumable", str, OpenApiParameter.HEADER, required=True)])
class UploadView(TusView):
    """One upload."""

    @extend_schema(request=None, responses={200: OpenApiResponse(description="`Upload-Offset` and `Upload-Length` in bytes.")})
    def head(self, request: Request, upload_id: UUID) -> HttpResponse:
        upload = actions.get_open_upload(upload_id)
        return HttpResponse(headers={"Upload-Length": str(upload.size_bytes), **_progress_headers(upload)})

    @extend_schema(
        request={PIECE_TYPE: OpenApiTypes.BINARY},
        parameters=[OpenApiParameter("Upload-Offset", int, OpenApiParameter.HEADER, required=True)],
        responses={204: OpenApiResponse(description="Taken. With the last piece: the file passed the probe and its transcode is queued.")},
    )
    def patch(self, request: Request, upload_id: UUID) -> HttpResponse:
        if request.content_type != PIECE_TYPE:
            raise ProtocolMismatch
        length_bytes = _as_count(request, "Content-Length")
        if length_bytes > MAX_PIECE_BYTES:
            raise UploadTooMuch
        upload = actions.append_piece(
            upload_id=upload_id,
            offset_bytes=_as_count(request, "Upload-Offset"),
            piece=request._request,  # type: ignore[arg-type]  # it reads like a file
            length_bytes=length_bytes,
        )
        if upload.offset_bytes == upload.size_bytes:
            actions.finish_upload(upload_id=upload_id, actor=_actor(request))
        return HttpResponse(status=204, headers=_progress_headers(upload))

    @extend_schema(request=None, responses={204: OpenApiResponse(description="Cancelled, its bytes are gone.")})
    def delete(self, request: Request, upload_id: UUID) -> HttpResponse:
        actions.cancel_upload(upload_id=upload_id, actor=_actor(request))
        return HttpResponse(status=204)


class EpisodeWorkView(ApiView):
    """Where an episode's video stands: for pages that cannot hold a socket."""

    @extend_schema(tags=["uploads"], responses=EpisodeWorkSerializer)
    def get(self, request: Request, episode_id: UUID) -> Response:
        require(request.user, VIEW)
        return Response(EpisodeWorkSerializer(get_work(episode_id)).data, headers={"Cache-Control": "no-store"})


class RetryView(ApiView):
    @extend_schema(tags=["uploads"], request=None, responses=EpisodeWorkSerializer)
    def post(self, request: Request, episode_id: UUID) -> Response:
        """Try the episode's newest source again."""
        require(request.user, EDIT)
        actions.retry_transcode(episode_id=episode_id, actor=_actor(request))
        return Response(EpisodeWorkSerializer(get_work(episode_id)).data)


class CancelView(ApiView):
    @extend_schema(tags=["uploads"], request=None, responses=EpisodeWorkSerializer)
    def post(self, request: Request, episode_id: UUID) -> Response:
        """Stop the work on an episode."""
        require(request.user, EDIT)
        actions.cancel_transcode(episode_id=episode_id, actor=_actor(request))
        return Response(EpisodeWorkSerializer(get_work(episode_id)).data)


def read_metadata(header: str) -> dict[str, str]:
    """`Upload-Metadata`: pairs of name and base64 value, separated by commas.

    Raises: InvalidInput.
    """
    pairs = (pair.split() for pair in header.split(",") if pair.strip())
    try:
        return {name: base64.b64decode(value[0], validate=True).decode() if value else "" for name, *value in pairs}
    except (binascii.Error, UnicodeDecodeError) as error:
        raise InvalidInput(field="Upload-Metadata", reason=_("not base64")) from error


def _actor(request: Request) -> str:
    """Who asks, for the audit trail. Needs: a permission was required before."""
    return str(getattr(request.user, "email", ""))


def _progress_headers(upload: Upload) -> dict[str, str]:
    return {"Upload-Offset": str(upload.offset_bytes), "Upload-Expires": http_date(upload.expires_at.timestamp())}


def _as_count(request: Request, header: str) -> int:
    value = request.headers.get(header, "")
    if not value.isascii() or not value.isdigit() or len(value) > 15:
        raise InvalidInput(field=header, reason=_("a whole number is needed"))
    return int(value)


def _as_uuid(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError as error:
        raise InvalidInput(field="episode", reason=_("no such episode")) from error
