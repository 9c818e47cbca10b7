"""Owing letters, refusing them, and sending what is due."""

from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Q

from merchants.accounts.queries import find_person, list_recipients
from merchants.accounts.roles import Role
from merchants.foundation import clock
from merchants.foundation.tenancy import enqueue
from merchants.tenants.queries import get_current_merchant, get_time_zone
from rooms.insights.figures.queries import get_figures
from rooms.insights.letters.compose import compose
from rooms.insights.letters.models import InsightLetter, LetterRefusal
from rooms.program.queries import find_show

RECIPIENTS = (Role.OWNER, Role.FINANCE)
# Payments and late events of a show come in within the hour after it.
AFTER_SHOW = timedelta(hours=1)
WEEK_AT = time(8)
MOST_ATTEMPTS = 8
LEASE = timedelta(minutes=2)
MOST_AT_ONCE = 200


def owe_show_letters(*, airing_id: UUID) -> int:
    """Owe the figures of a finished show, once, to everybody who wants them. Returns how many are new; none of a show that is not over."""
    show = find_show(airing_id)
    if show is None or show.ended_at is None:
        return 0
    zone = ZoneInfo(get_time_zone())
    days = (show.started_at.astimezone(zone).date(), show.ended_at.astimezone(zone).date())
    return _owe(InsightLetter.Kind.SHOW, str(airing_id), days, due_at=show.ended_at + AFTER_SHOW, room_id=show.room_id)


def owe_week_letters() -> int:
    """On Monday from eight o'clock on the merchant's wall, owe the figures of the week before; all day long, should nobody have run at eight.

    Of a week in which nobody came and nothing was booked nobody hears.
    """
    now = clock.now().astimezone(ZoneInfo(get_time_zone()))
    if now.weekday() != 0 or now.time() < WEEK_AT:
        return 0
    monday = now.date() - timedelta(days=7)
    days = (monday, monday + timedelta(days=6))
    subject = "{}-W{:02d}".format(*monday.isocalendar()[:2])
    if InsightLetter.objects.filter(kind=InsightLetter.Kind.WEEK, subject=subject).exists() or get_figures(since=days[0], until=days[1]).is_empty:
        return 0
    return _owe(InsightLetter.Kind.WEEK, subject, days, due_at=clock.now(), room_id=None)


def choose_letters(*, person_id: UUID, wants: bool) -> None:
    """What is owed already is not sent either to somebody who wants none."""
    with transaction.atomic(durable=True):
        if wants:
            LetterRefusal.objects.filter(person_id=person_id).delete()
        else:
            LetterRefusal.objects.get_or_create(person_id=person_id, defaults={"refused_at": clock.now()})


def wants_letters(person_id: UUID) -> bool:
    return not LetterRefusal.objects.filter(person_id=person_id).exists()


def send_due_letters() -> int:
    """Queue every letter that is due and nobody is sending. Returns how many."""
    now = clock.now()
    due = InsightLetter.objects.filter(sent_at=None, due_at__lte=now, attempts__lt=MOST_ATTEMPTS)
    ids = list(due.filter(_free(now)).order_by("due_at", "pk").values_list("pk", flat=True)[:MOST_AT_ONCE])
    for letter_id in ids:
        enqueue("rooms.insights.letters.tasks.send_letter", letter_id=str(letter_id))
    return len(ids)


def send_letter(*, letter_id: UUID) -> bool:
    """Send one letter. False when it was sent, is being sent, was tried too often, or its reader has gone or wants none.

    Raises: OSError (an smtplib error is one) when the mail server does not take it; the sweeper comes back.
    """
    now = clock.now()
    letters = InsightLetter.objects.filter(_free(now), pk=letter_id, sent_at=None, attempts__lt=MOST_ATTEMPTS)
    if not letters.update(claimed_at=now, attempts=F("attempts") + 1):
        return False
    letter = InsightLetter.objects.get(pk=letter_id)
    person = find_person(letter.person_id)
    if person is None or not person.is_active or person.role not in RECIPIENTS or not wants_letters(letter.person_id):
        InsightLetter.objects.filter(pk=letter_id).update(attempts=MOST_ATTEMPTS)
        return False
    compose(letter, email=person.email, language=person.language, shop=get_current_merchant()).send()
    InsightLetter.objects.filter(pk=letter_id).update(sent_at=clock.now())
    return True


def _owe(kind: str, subject: str, days: tuple[date, date], *, due_at: datetime, room_id: UUID | None) -> int:
    refused = set(LetterRefusal.objects.values_list("person_id", flat=True))
    people = [person for person in list_recipients(RECIPIENTS) if person.id not in refused]
    since, until = days
    with transaction.atomic(durable=True):
        before = InsightLetter.objects.filter(kind=kind, subject=subject).count()
        InsightLetter.objects.bulk_create(
            [
                InsightLetter(kind=kind, subject=subject, person_id=person.id, room_id=room_id, since=since, until=until, due_at=due_at)
                for person in people
            ],
            ignore_conflicts=True,
        )
        return InsightLetter.objects.filter(kind=kind, subject=subject).count() - before


def _free(now: datetime) -> Q:
    return Q(claimed_at=None) | Q(claimed_at__lt=now - LEASE)
