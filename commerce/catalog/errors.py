"""Refusals of the catalog."""

from django.utils.translation import gettext_lazy as _

from merchants.foundation.errors import DomainError


class ProductNotFound(DomainError):
    code = "product_not_found"
    http_status = 404
    text = _("This product does not exist, or is no longer for sale.")


class SkuTaken(DomainError):
    code = "sku_taken"
    http_status = 409
    text = _("The article number “%(sku)s” belongs to another variant. Choose another.")


class PriceInvalid(DomainError):
    code = "price_invalid"
    http_status = 422
    text = _("A price is a whole number of minor units, from 1 to 99,999,999.")


class GrantInvalid(DomainError):
    code = "grant_invalid"
    http_status = 422
    text = _("A variant unlocks “episode:…” or “season:…” with an id; “%(grants)s” is neither.")


class PictureUnreadable(DomainError):
    code = "picture_unreadable"
    http_status = 422
    text = _("This file is no picture that can be shown. Use JPEG, PNG or WebP.")


class PictureTooLarge(DomainError):
    code = "picture_too_large"
    http_status = 422
    text = _("This picture is too large: at most %(megabytes)s MB and %(megapixels)s megapixels.")


class TooManyPictures(DomainError):
    code = "too_many_pictures"
    http_status = 422
    text = _("A product has at most %(most)s pictures. Remove one first.")
