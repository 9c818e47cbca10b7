"""The order in which the demo comes to life: first one room that plays, then everything else."""

from pathlib import Path
from uuid import UUID

from django.conf import settings

from config.demo import evening, figures, rooms, seasons, shops
from config.demo.film import STORIES, Story
from config.demo.folder import drop_failed, import_folder
from config.demo.people import appoint_operator, email_of
from config.demo.welcome import write_welcome
from dramas.seasons.actions import approve_season
from dramas.seasons.digest import digest_of
from dramas.seasons.queries import get_season
from merchants.accounts.queries import get_person
from merchants.foundation.errors import DomainError
from merchants.foundation.tenancy import in_schema
from merchants.tenants.queries import get_merchant

PILOT = seasons.Cut(slug="the-first-night", title="The Pendant: the first night", profile="short", numbers=range(1, 2))


def films_folder() -> Path:
    return Path(settings.DATA_DIR) / "films"


def build_demo() -> None:
    """Both shops. Announces as soon as Aurora's first room is on air."""
    first, second = STORIES["aurora"], STORIES["borealis"]
    password = settings.DEMO_PASSWORD
    shops.open_shop(story=first, password=password)
    with in_schema(first.slug):
        is_new = _open_first_room(first, password)
        write_welcome(settings.DATA_DIR)
        rooms.note_playable(settings.DATA_DIR)
    appoint_operator(password=password)
    shops.open_shop(story=second, password=password)
    audience = None
    if is_new:
        with in_schema(first.slug):
            audience = _fill(first)
    with in_schema(second.slug):
        shops.staff_shop(story=second, password=password)
        if rooms.find_room(rooms.MAIN) is None:
            season_id = _whole_season(second)
            rooms.open_room(story=second, slug=rooms.MAIN, title=second.title[shops.LANGUAGE], season_id=season_id)
    if audience is not None:
        audience.see_off()


def _open_first_room(story: Story, password: str) -> bool:
    """True when the demo is not complete yet."""
    if rooms.find_room(rooms.MAIN) is not None and rooms.find_room(rooms.NEXT) is not None:
        return False
    shops.staff_shop(story=story, password=password)
    if rooms.find_room(rooms.OPENING) is None:
        cards = shops.stock_shop(story, only={sale.product for shot in story.episodes[0].shots for sale in shot.sales})
        season_id = seasons.make_season(story=story, cut=PILOT, cards=cards, films=films_folder())
        rooms.open_room(story=story, slug=rooms.OPENING, title=f"{story.title[shops.LANGUAGE]}: opening night", season_id=season_id)
    return True


def _fill(story: Story) -> figures.Audience | None:
    """The whole season on a loop, the opening night as a replay with its audience, the room to come.

    Returns the audience that comes to the season's first showing.
    """
    cards = shops.stock_shop(story)
    opening = rooms.find_room(rooms.OPENING)
    host, port = get_merchant(story.slug).host, settings.PUBLIC_PORT
    if opening is not None and opening.is_on_air:
        variants = {slug: str(card.variants[0].id) for slug, card in cards.items()}
        evening.hold_opening_night(host=host, port=port, slug=rooms.OPENING, variants=variants, shop=story.slug)
    season_id = _whole_season(story)
    audience = None if rooms.find_room(rooms.MAIN) else figures.Audience(host=host, port=port, slug=rooms.MAIN)
    rooms.open_room(story=story, slug=rooms.MAIN, title=story.title[shops.LANGUAGE], season_id=season_id)
    figures.begin_test(story=story, slug=rooms.MAIN)
    if audience is not None:
        audience.come()
    for costly_id in filter(None, [season_id, opening.season_id if opening else None]):
        figures.note_costs(season_id=costly_id, shop=story.slug)
    rooms.close_room(story=story, slug=rooms.OPENING)
    rooms.announce_room(story=story, slug=rooms.NEXT, title=f"{story.title[shops.LANGUAGE]}: the finale, together", season_id=season_id)
    return audience


def _whole_season(story: Story) -> UUID:
    cut = seasons.Cut(
        slug=f"season-of-{story.slug}",
        title=story.title[shops.LANGUAGE],
        profile="demo",
        numbers=range(1, len(story.episodes) + 1),
        last_is_paid=True,
    )
    return seasons.make_season(story=story, cut=cut, cards=shops.stock_shop(story), films=films_folder())


def _tell(line: str) -> None:
    print(line, flush=True)


def build_season(*, folder: Path, profile: str) -> None:
    """SEASON=folder: import, wait for the media, approve and put on air; with fewer than six good files it stays a draft.

    Raises: FolderRefused.
    """
    story = STORIES["aurora"]
    shops.open_shop(story=story, password=settings.DEMO_PASSWORD)
    with in_schema(story.slug):
        shops.staff_shop(story=story, password=settings.DEMO_PASSWORD)
        report = import_folder(folder=folder, actor=email_of("editor", story.slug), profile=profile, tell=_tell)
        seasons.wait_until_settled(report.season_id)
        drop_failed(report, actor=email_of("editor", story.slug), tell=_tell)
        if report.is_draft_for_good:
            print(
                f"{len(report.taken)} of the files are good, a season needs 6 to 10: it stays a draft at /admin/ (SEASON_PROFILE=short takes 1 to 5)."
            )
            return
        season = get_season(report.season_id)
        reviewer = get_person(email_of("reviewer", story.slug))
        try:
            approve_season(approver=reviewer, season_id=season.id, digest=digest_of(season.id))
        except DomainError as refusal:
            print(f"{season.title} stays a draft: {refusal.message} The season's page at /admin/ says what to mend.")
            return
        rooms.open_room(story=story, slug=season.slug, title=season.title, season_id=season.id)
        print(f"On air: {get_merchant(story.slug).origin}/rooms/{season.slug}/", flush=True)
