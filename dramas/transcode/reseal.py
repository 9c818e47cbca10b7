"""An edition again under another protection: decrypted, encrypted, or both, segment by segment. Nothing is encoded anew."""

from typing import Any

from dramas.transcode.cmaf import INIT_NAME, Segment, segment_name
from dramas.transcode.encrypt import decrypt_segment
from dramas.transcode.publish import POSTER_NAME, STORYBOARD_NAME, EditionWriter
from dramas.transcode.shelf import Shelf


def copy_edition(shelf: Shelf, folder: str, manifest: dict[str, Any], old_key: bytes | None, writer: EditionWriter) -> dict[str, Any]:
    """Read the edition at `folder` and write it through `writer`; the new manifest.

    Args:
        old_key: what the old edition is encrypted with; None when it is readable.
    """
    first_encrypted = manifest["clear_segments"] if old_key is not None else len(manifest["renditions"][0]["frames"])
    for rung, entry in zip(writer.outline.rungs, manifest["renditions"], strict=True):
        init = shelf.read(f"{folder}/{rung.name}/{INIT_NAME}")
        for number, frames in enumerate(entry["frames"]):
            data = shelf.read(f"{folder}/{rung.name}/{segment_name(number)}")
            if old_key is not None and number >= first_encrypted:
                data = decrypt_segment(data, old_key, number)
            writer.append(rung, entry["codecs"], init, [Segment(number, frames, data)])
    writer.put_stills(shelf.read(f"{folder}/{POSTER_NAME}"), shelf.read(f"{folder}/{STORYBOARD_NAME}"))
    return writer.finish()
