"""What a guest may be called."""

from redis.exceptions import RedisError

from merchants.foundation.errors import TooManyRequests
from merchants.foundation.tenancy import tenant_key
from merchants.tenants.queries import get_current_merchant
from rooms.engagement.errors import NicknameTaken
from rooms.moderation.errors import WordRefused
from rooms.moderation.gate import clean
from rooms.moderation.queries import list_refused_words
from rooms.moderation.words import WordList, fold
from rooms.program.air import client

LONGEST_NICKNAME = 24
CHANGES_A_WINDOW = 5
WINDOW_S = 60


def check_nickname(nickname: str, *, host_name: str) -> str:
    """The name as it will be shown.

    Raises: TextEmpty, TextTooLong, WordRefused, NicknameTaken (it would pass for the host or the shop).
    """
    name = clean(nickname, most=LONGEST_NICKNAME)
    if not fold(name) or fold(name) in {fold(host_name), fold(get_current_merchant().name)} - {""}:
        raise NicknameTaken
    if WordList(list_refused_words()).refuses(name):
        raise WordRefused
    return name


def take_turn(viewer_id: str) -> None:
    """Raises: TooManyRequests after five changes in a minute."""
    key = tenant_key("nickname", viewer_id)
    try:
        with client().pipeline(transaction=True) as pipe:
            pipe.incr(key)
            pipe.expire(key, WINDOW_S, nx=True)
            pipe.ttl(key)
            count, _, ttl_s = pipe.execute()
    except RedisError:
        return  # a name is no reason to refuse a guest
    if count > CHANGES_A_WINDOW:
        raise TooManyRequests(retry_after_s=max(1, ttl_s))
