"""The Celery tasks: what each is called with. Tenant tasks work in one shop; shared ones only hand out work to the shops."""

from collections.abc import Callable
from typing import Any

Values = dict[str, Any]


def nothing(_values: Values) -> dict[str, str]:
    return {}


def _ids(**names: str) -> Callable[[Values], dict[str, Any]]:
    """`_ids(mail_id="order_mail_id")`: the task's argument and the shop's value behind it."""
    return lambda values: {argument: str(values[name]) for argument, name in names.items()}


TENANT: dict[str, Callable[[Values], dict[str, Any]]] = {
    "commerce.orders.tasks.send_order_mail": _ids(mail_id="order_mail_id"),
    "commerce.orders.tasks.send_owed_order_mail": nothing,
    "commerce.payments.tasks.close_attempt": _ids(attempt_id="attempt_id"),
    "commerce.payments.tasks.process_event": _ids(account="account", event_id="event_id"),
    "commerce.payments.tasks.retry_events": nothing,
    "commerce.payments.tasks.run_refund": _ids(refund_id="refund_id"),
    "commerce.payments.tasks.settle_attempt": _ids(attempt_id="attempt_id"),
    "commerce.payments.tasks.sweep_events": nothing,
    "commerce.payments.tasks.tend_payments": nothing,
    "commerce.stock.tasks.announce_stock": lambda values: {"variant_ids": [str(values["variant_id"])]},
    "commerce.stock.tasks.sweep_stock": nothing,
    "dramas.transcode.tasks.reseal_episode": _ids(episode_id="paid_id"),
    "dramas.transcode.tasks.sweep_files": nothing,
    "dramas.transcode.tasks.sweep_jobs": nothing,
    "dramas.transcode.tasks.transcode_episode": _ids(job_id="job_id"),
    "merchants.accounts.tasks.send_invitation": _ids(person_id="user_id", inviter_id="owner_id"),
    "merchants.foundation.tasks.deliver_due_facts": nothing,
    "merchants.foundation.tasks.deliver_fact": _ids(fact_id="fact_id"),
    "merchants.foundation.tasks.deliver_facts": lambda values: {"fact_ids": [str(values["fact_id"])]},
    "realtime.tasks.sweep_outbox": nothing,
    "rooms.engagement.tasks.drain_danmaku": nothing,
    "rooms.engagement.tasks.save_likes": nothing,
    "rooms.live.tasks.drain_figures": nothing,
    "rooms.live.tasks.sweep_figures": nothing,
    "rooms.insights.experiments.tasks.compute_verdict": _ids(experiment_id="experiment_id"),
    "rooms.insights.experiments.tasks.judge_running": nothing,
    "rooms.insights.letters.tasks.send_letter": _ids(letter_id="letter_id"),
    "rooms.insights.letters.tasks.tend_letters": nothing,
    "rooms.insights.reports.tasks.compute_reports": nothing,
    "rooms.insights.reports.tasks.compute_run": _ids(run_id="run_id"),
    "rooms.insights.reports.tasks.compute_room": _ids(room_id="room_id"),
    "rooms.preparation.tasks.count_what_came": nothing,
    "rooms.recordings.tasks.sweep_recording_files": nothing,
    "rooms.recordings.tasks.sweep_recordings": nothing,
    "rooms.recordings.tasks.take_in_recording": _ids(recording_id="recording_id"),
}

SHARED: dict[str, str] = {
    "merchants.tenants.tasks.run_in_every_shop": "beat knows no shop: it sends one tenant task to each open one",
}
