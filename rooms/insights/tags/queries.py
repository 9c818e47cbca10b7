"""What kind of story works: each tag by the viewers who met it, how many of them took part, and how many bought."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from dramas.seasons.queries import TaggedEpisode, list_tagged_episodes
from dramas.seasons.tags import TAGS, TagGroup
from rooms.insights.events.kinds import PLACE_BASE, Kind
from rooms.insights.queries.conditions import where
from rooms.insights.queries.shapes import Slice
from rooms.insights.stats.shares import Shrunk, shrink


@dataclass(frozen=True)
class TagRow:
    """A tag among those of its group (genre, tone, scene). The unit is the viewer: whoever met several episodes of it counts once.

    `*_share` is what was seen, `*_estimate` what is believed once few viewers are weighed against the other tags' (empirical Bayes,
    with a 95 % interval); ranks go by the estimate. Viewers of one tag met others too: a rank says where to look, an experiment why.
    """

    tag: str
    group: str
    label: str
    episodes: int
    cues: int
    viewers: int
    interacted: int
    interaction_share: float
    interaction_estimate: float
    interaction_low: float
    interaction_high: float
    interaction_rank: int
    buyers: int
    conversion_share: float
    conversion_estimate: float
    conversion_low: float
    conversion_high: float
    conversion_rank: int


_ACTS = f"({Kind.CUE_CLICKED:d}, {Kind.DANMAKU:d}, {Kind.LIKE:d}, {Kind.GIFT:d})"

# A row for each time that a viewer of the slice met a tag, took part in it, or bought through one of its cards; then each viewer once.
# Episodes are met by the reach of the playhead. Every join goes to a visit by its key: fresh tables have no statistics to plan by.
_TAGS = f"""
WITH of_episode AS (
    SELECT * FROM unnest(%(episode_tags)s::text[], %(episodes)s::uuid[], %(seasons)s::uuid[], %(numbers)s::int[])
        AS of_episode (tag, episode_id, season_id, number)
), of_cue AS (
    SELECT * FROM unnest(%(cue_tags)s::text[], %(cues)s::uuid[]) AS of_cue (tag, cue_id)
), told AS (
    SELECT of_episode.tag, fact.viewer_id, 1 AS met, 0 AS acted, 0 AS bought FROM insights_session_fact fact
        JOIN of_episode ON of_episode.season_id = fact.season_id
            AND of_episode.number BETWEEN fact.first_place / {PLACE_BASE} AND fact.furthest_place / {PLACE_BASE}
        WHERE {{where}}
    UNION ALL
    SELECT of_episode.tag, fact.viewer_id, 0, 1, 0 FROM of_episode
        JOIN insights_event event ON event.tenant_id = %(tenant)s AND event.episode_id = of_episode.episode_id AND event.kind IN {_ACTS}
        JOIN insights_session_fact fact ON fact.tenant_id = event.tenant_id AND fact.session_id = event.session_id
        WHERE {{where}}
    UNION ALL
    SELECT of_episode.tag, fact.viewer_id, 0, 0, 1 FROM of_episode
        JOIN insights_cue_fact cue ON cue.tenant_id = %(tenant)s AND cue.episode_id = of_episode.episode_id AND cue.paid_ms IS NOT NULL
        JOIN insights_session_fact fact ON fact.tenant_id = cue.tenant_id AND fact.session_id = cue.session_id
        WHERE {{where}}
    UNION ALL
    SELECT of_cue.tag, fact.viewer_id, 1, (cue.click_ms IS NOT NULL)::int, (cue.paid_ms IS NOT NULL)::int FROM of_cue
        JOIN insights_cue_fact cue ON cue.tenant_id = %(tenant)s AND cue.cue_id = of_cue.cue_id
        JOIN insights_session_fact fact ON fact.tenant_id = cue.tenant_id AND fact.session_id = cue.session_id
        WHERE {{where}}
), viewer AS (
    SELECT tag, viewer_id, max(acted) AS acted, max(bought) AS bought FROM told GROUP BY tag, viewer_id HAVING max(met) = 1
)
SELECT tag, count(*), sum(acted)::bigint, sum(bought)::bigint FROM viewer GROUP BY tag
"""  # noqa: S608  our own numbers


def list_tags(wanted: Slice) -> list[TagRow]:
    """Tags that somebody met, by group, the best seller of each first. Three queries."""
    episodes = list_tagged_episodes(wanted.season_id)
    of_episodes = [(tag, episode) for episode in episodes for tag in dict.fromkeys((*episode.season_tags, *episode.tags))]
    of_cues = [(tag, cue) for episode in episodes for cue in episode.cues for tag in cue.tags]
    counts = _count(wanted, of_episodes, [(tag, cue.id) for tag, cue in of_cues])
    rows = []
    for group in TagGroup:
        found = [tag for tag in TAGS.values() if tag.group == group and tag.code in counts]
        viewers = [counts[tag.code][0] for tag in found]
        acts = shrink([(counts[tag.code][1], n) for tag, n in zip(found, viewers, strict=True)])
        sales = shrink([(counts[tag.code][2], n) for tag, n in zip(found, viewers, strict=True)])
        ranks = (_ranks(acts), _ranks(sales))
        for place, tag in enumerate(found):
            of_tag = (sum(code == tag.code for code, _ in of_episodes), sum(code == tag.code for code, _ in of_cues))
            rows.append(_row(tag.code, of_tag, counts[tag.code], (acts[place], sales[place]), (ranks[0][place], ranks[1][place])))
    return sorted(rows, key=lambda row: (list(TagGroup).index(TagGroup(row.group)), row.conversion_rank, row.tag))


def _count(wanted: Slice, of_episodes: list[tuple[str, TaggedEpisode]], of_cues: list[tuple[str, UUID]]) -> dict[str, tuple[int, int, int]]:
    """{tag: (viewers, of them acted, of them bought)}."""
    conditions, values = where(wanted, table="fact")
    values |= {
        "episode_tags": [tag for tag, _ in of_episodes],
        "episodes": [episode.id for _, episode in of_episodes],
        "seasons": [episode.season_id for _, episode in of_episodes],
        "numbers": [episode.number for _, episode in of_episodes],
        "cue_tags": [tag for tag, _ in of_cues],
        "cues": [cue_id for _, cue_id in of_cues],
    }
    with connection.cursor() as cursor:
        cursor.execute(_TAGS.format(where=conditions), values)
        return {tag: (viewers, acted, bought) for tag, viewers, acted, bought in cursor.fetchall()}


def _ranks(estimates: list[Shrunk]) -> list[int]:
    """1 is the greatest; equal ones share a rank."""
    return [1 + sum(other.value > one.value for other in estimates) for one in estimates]


def _row(code: str, of_tag: tuple[int, int], counts: tuple[int, int, int], found: tuple[Shrunk, Shrunk], ranks: tuple[int, int]) -> TagRow:
    (episodes, cues), (viewers, interacted, buyers), (acts, sales) = of_tag, counts, found
    return TagRow(
        tag=code,
        group=TAGS[code].group,
        label=str(TAGS[code].label),
        episodes=episodes,
        cues=cues,
        viewers=viewers,
        interacted=interacted,
        interaction_share=interacted / viewers,
        interaction_estimate=acts.value,
        interaction_low=acts.interval.low,
        interaction_high=acts.interval.high,
        interaction_rank=ranks[0],
        buyers=buyers,
        conversion_share=buyers / viewers,
        conversion_estimate=sales.value,
        conversion_low=sales.interval.low,
        conversion_high=sales.interval.high,
        conversion_rank=ranks[1],
    )
