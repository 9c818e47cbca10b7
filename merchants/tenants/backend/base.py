"""django-tenants' backend, told what the session's search_path really is.

The original forgets the path at every switch and sends `SET search_path` again even when the session already stands there.
Here a switch to public at the end of a request and back at the start of the next costs no statement, so code that forgets
to choose a tenant still fails closed at no price. A rollback or a new connection clears what is known, as in the original.
"""

from typing import Any

from django_tenants.postgresql_backend import base


class DatabaseWrapper(base.DatabaseWrapper):
    """`search_path_set_schemas` is the path that the session has, or None when it is unknown."""

    search_path_set_schemas: list[str] | None

    def set_tenant(self, tenant: Any, include_public: bool = True) -> None:
        known = self.search_path_set_schemas
        super().set_tenant(tenant, include_public)
        self.search_path_set_schemas = known

    def _handle_search_path(self, cursor: Any = None) -> None:
        if self.search_path_set_schemas is not None:
            if self.search_path_set_schemas == self._get_cursor_search_paths():
                return
            self.search_path_set_schemas = None
        super()._handle_search_path(cursor)
