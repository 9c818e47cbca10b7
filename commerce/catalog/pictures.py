"""Uploaded pictures: measured before they are decoded, then encoded anew so that nothing but pixels is kept."""

import warnings
from io import BytesIO
from typing import IO

from django.core.files.base import ContentFile
from PIL import Image, ImageOps, UnidentifiedImageError

from commerce.catalog.errors import PictureTooLarge, PictureUnreadable

MOST_BYTES = 15 * 1024 * 1024
MOST_PIXELS = 40_000_000
FORMATS = ("JPEG", "PNG", "WEBP")
LONGEST_SIDE_PX = 1600


def reencode(upload: IO[bytes]) -> "ContentFile[bytes]":
    """A WebP of at most 1,600 px a side, turned upright, without metadata.

    Raises: PictureTooLarge (before decoding: a 50,000 px PNG of a few kilobytes would take gigabytes), PictureUnreadable.
    """
    data = upload.read(MOST_BYTES + 1)
    too_large = PictureTooLarge(megabytes=MOST_BYTES // 2**20, megapixels=MOST_PIXELS // 10**6)
    if len(data) > MOST_BYTES:
        raise too_large
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(BytesIO(data), formats=FORMATS)
        if picture.width * picture.height > MOST_PIXELS:
            raise too_large
        upright = ImageOps.exif_transpose(picture)
        upright.thumbnail((LONGEST_SIDE_PX, LONGEST_SIDE_PX))
        has_alpha = upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info
        encoded = BytesIO()
        upright.convert("RGBA" if has_alpha else "RGB").save(encoded, "WEBP", quality=84, method=4)
    except Image.DecompressionBombError as error:
        raise too_large from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:  # what Pillow raises for broken files
        raise PictureUnreadable from error
    return ContentFile(encoded.getvalue(), name="picture.webp")
