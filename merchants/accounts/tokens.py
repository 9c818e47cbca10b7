"""Links that set a new password."""

from typing import Any

from django.contrib.auth.tokens import PasswordResetTokenGenerator

from merchants.foundation.tenancy import current_schema


class ShopTokenGenerator(PasswordResetTokenGenerator):
    """A link of one shop opens nothing in another, not even for a person with the same id, address and password there."""

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{current_schema()}|{super()._make_hash_value(user, timestamp)}"
