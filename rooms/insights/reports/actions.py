"""Reports that are kept: computed beside the request, named by what they were computed from."""

import hashlib
import json
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction

from merchants.foundation import clock
from merchants.foundation.tenancy import current_schema
from rooms.insights.events.models import Report
from rooms.insights.queries.shapes import Question, Slice
from rooms.insights.reports.readers import READERS

# Grows when a report's rows change their meaning, so that kept ones are computed anew.
EDITION = 1
KEPT = ("funnel", "retention", "drops", "dwell", "cohorts", "audience", "summary", "days", "viewers")

# Every event that counts moves a sum of a day, a second of the story or a step of a visit.
_INPUTS = """
SELECT coalesce(md5(string_agg(line, ',' ORDER BY line)), '') FROM (
    SELECT day::text AS line FROM insights_daily_fact day WHERE tenant_id = %(tenant)s AND room_id = %(room)s
    UNION ALL
    SELECT bucket::text FROM insights_retention_bucket bucket WHERE tenant_id = %(tenant)s AND room_id = %(room)s
    UNION ALL
    SELECT ROW(count(entered_at), count(play_ms), count(cue_ms), count(click_ms), count(bag_ms), count(checkout_ms), count(paid_ms))::text
    FROM insights_session_fact WHERE tenant_id = %(tenant)s AND room_id = %(room)s
) inputs
"""


def compute_report(*, kind: str, room_id: UUID) -> bool:
    """Compute and keep a room's report, unless the kept one was computed from the same. True when it was computed."""
    digest = digest_inputs(kind=kind, room_id=room_id)
    if Report.objects.filter(tenant_id=current_schema(), kind=kind, room_id=room_id, inputs_digest=digest).exists():
        return False
    with transaction.atomic():
        rows = READERS[kind].read(Question(Slice(room_id=room_id)))
        body = json.loads(json.dumps([asdict(row) for row in rows], cls=DjangoJSONEncoder))
        Report.objects.filter(tenant_id=current_schema(), kind=kind, room_id=room_id).delete()
        Report.objects.create(
            tenant_id=current_schema(), kind=kind, room_id=room_id, inputs_digest=digest, body={"rows": body}, computed_at=clock.now()
        )
    return True


def digest_inputs(*, kind: str, room_id: UUID) -> str:
    """SHA-256 of the question and of all that its answer is made of."""
    with connection.cursor() as cursor:
        cursor.execute(_INPUTS, {"tenant": current_schema(), "room": room_id})
        (inputs,) = cursor.fetchone()
    question: dict[str, Any] = {"edition": EDITION, "kind": kind, "room": str(room_id), "inputs": inputs}
    return hashlib.sha256(json.dumps(question, sort_keys=True).encode()).hexdigest()


def list_measured_rooms() -> list[UUID]:
    """Rooms that somebody visited."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT room_id FROM insights_daily_fact WHERE tenant_id = %s AND sessions > 0 ORDER BY 1", [current_schema()])
        return [room_id for (room_id,) in cursor.fetchall()]
