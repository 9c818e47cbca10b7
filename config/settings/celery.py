"""Tasks: Valkey carries them, late acknowledgement, limits always."""

from config.settings import env

CELERY_BROKER_URL = env.VALKEY_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 7_200, "socket_timeout": 10, "socket_connect_timeout": 5}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_SOFT_TIME_LIMIT = 100
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 3, "interval_start": 0.1, "interval_step": 0.3, "interval_max": 1}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
# A worker's connections live as long as their pool; `config.celery` gives them back after each task.
CELERY_DB_REUSE_MAX = 10_000
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(env.DATA_DIR / "beat-schedule")
# `name of a tenant task`: it runs once in every shop that is open.
SHOP_SCHEDULE: dict[str, float] = {
    "merchants.foundation.tasks.deliver_due_facts": 5.0,
    "commerce.stock.tasks.sweep_stock": 2.0,
    "commerce.payments.tasks.tend_payments": 5.0,
    "commerce.payments.tasks.retry_events": 10.0,
    "commerce.payments.tasks.sweep_events": 3600.0,
    "commerce.orders.tasks.send_owed_order_mail": 60.0,
    "realtime.tasks.sweep_outbox": 5.0,
    "dramas.transcode.tasks.sweep_jobs": 10.0,
    "dramas.transcode.tasks.sweep_files": 600.0,
    "rooms.engagement.tasks.drain_danmaku": 2.0,
    "rooms.engagement.tasks.save_likes": 30.0,
    "rooms.live.tasks.drain_figures": 10.0,
    "rooms.live.tasks.sweep_figures": 3600.0,
    "rooms.insights.experiments.tasks.judge_running": 900.0,
    "rooms.insights.letters.tasks.tend_letters": 300.0,
    "rooms.insights.reports.tasks.compute_reports": 600.0,
    "rooms.preparation.tasks.count_what_came": 60.0,
    "rooms.recordings.tasks.sweep_recordings": 10.0,
    "rooms.recordings.tasks.sweep_recording_files": 3600.0,
}
CELERY_BEAT_SCHEDULE = {
    name: {"task": "merchants.tenants.tasks.run_in_every_shop", "schedule": every_s, "kwargs": {"name": name}, "options": {"expires": every_s * 2}}
    for name, every_s in SHOP_SCHEDULE.items()
}
