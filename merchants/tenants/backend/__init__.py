"""The database backend: django-tenants', with one statement less a request."""
