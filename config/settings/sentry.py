"""Errors that nobody foresaw go to Sentry when `SENTRY_DSN` names one: with the shop they happened in, and nothing about persons.

An address may carry a signed word, a local variable a name, a query a value: none of them is sent. What is foreseen and logged stays in
the logs.
"""

from typing import Any

from config.settings import env


def _for_sentry(event: Any, hint: dict[str, Any]) -> Any:
    from merchants.foundation.tenancy import tenant_of  # Django's settings are read by now

    event.setdefault("tags", {})["tenant"] = tenant_of(hint.get("exc_info", (None, None))[1])
    event["request"] = {"method": event.get("request", {}).get("method", "")}
    event.pop("user", None)
    event.pop("extra", None)
    for raised in event.get("exception", {}).get("values", []):
        raised["value"] = (raised.get("value") or "").partition("\n")[0]  # the database names a row's values from the second line on
    return event


if env.SENTRY_DSN:
    import sentry_sdk
    from sentry_sdk.integrations.logging import LoggingIntegration

    sentry_sdk.init(
        dsn=env.SENTRY_DSN,
        before_send=_for_sentry,
        integrations=[LoggingIntegration(level=None, event_level=None)],
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        server_name="",
        shutdown_timeout=2,
    )
