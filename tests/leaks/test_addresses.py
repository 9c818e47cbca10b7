"""Every address of a shop's host and of the platform's, tried by everybody."""

import pytest

from tests.leaks import walk
from tests.leaks.doors import NOBODY, Door
from tests.leaks.expectations.addresses import PLATFORM, SHOP
from tests.leaks.knocking import UNSAFE, ask, find_foreign_answers, find_strayed_writes, find_wrong_answers, has_parameters, path_of
from tests.leaks.twins import OURS_HOST, PLATFORM_HOST, THEIRS_HOST, Twins, undone

UNLISTED = (
    "{key!r} is an address that tests/leaks/expectations/addresses.py does not list. Add a line to {table}: who may use it (a permission of "
    "merchants.accounts.permissions or a rule of tests/leaks/doors.py) and which status each method gives them, such as\n"
    '    {key!r}: Door("rooms.view", {{"GET": 200}}, refused=API),\n'
    'For the pages of a model in the office add **_model("app.model", "object_id", view="…").'
)
METHODS = ("GET", *UNSAFE)


def lines_for(table: dict[str, Door], key: str, name: str) -> dict[str, Door]:
    found = {line: door for line, door in table.items() if line.partition("#")[0] == key}
    assert found, UNLISTED.format(key=key, table=name)
    return found


@pytest.mark.parametrize("key", walk.list_doors(walk.SHOP))
def test_an_address_of_a_shop_answers_each_audience_as_expected(key: str, twins: Twins) -> None:
    """Guests, the buyer, shoppers, each role, and people of other hosts with their cookies: the right status, and no word of the other shop."""
    wrong = [line for name, door in lines_for(SHOP, key, "SHOP").items() for line in find_wrong_answers(twins, name, door)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("key", walk.list_doors(walk.PLATFORM))
def test_an_address_of_the_platform_answers_each_audience_as_expected(key: str, twins: Twins) -> None:
    """Operators alone come into the console, and nobody reads rows of a shop there."""
    wrong = [
        line for name, door in lines_for(PLATFORM, key, "PLATFORM").items() for line in find_wrong_answers(twins, name, door, host=PLATFORM_HOST)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("key", [key for key in walk.list_doors(walk.SHOP) if has_parameters(key)])
def test_ids_of_the_other_shop_do_not_exist_here(key: str, twins: Twins) -> None:
    """Whoever may use an address finds nothing behind an id, a slug or a token that only the other shop has."""
    wrong = [line for name, door in lines_for(SHOP, key, "SHOP").items() for line in find_foreign_answers(twins, name, door)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("host", "key"), [*((OURS_HOST, key) for key in SHOP), *((PLATFORM_HOST, key) for key in PLATFORM)])
def test_what_is_done_in_one_shop_leaves_the_other_as_it_was(host: str, key: str, twins: Twins) -> None:
    """Equal ids or not, no row of borealis changes; and GET changes nothing anywhere, since a sibling's page can send it with our cookies."""
    door = (SHOP if host == OURS_HOST else PLATFORM)[key]
    if door.to != NOBODY:
        wrong = find_strayed_writes(twins, key, door, host=host)
        assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("urlconf", "table"), [(walk.SHOP, SHOP), (walk.PLATFORM, PLATFORM)], ids=["shop", "platform"])
def test_every_expected_address_exists(urlconf: str, table: dict[str, Door]) -> None:
    """A line whose address is gone is taken out."""
    gone = {line.partition("#")[0] for line in table} - set(walk.list_doors(urlconf))
    assert not gone, f"take these lines out of tests/leaks/expectations/addresses.py: {sorted(gone)}"


@pytest.mark.parametrize("key", [key for key, door in SHOP.items() if door.is_strict and "#" not in key])
def test_methods_that_are_not_listed_are_not_answered(key: str, twins: Twins) -> None:
    """405 for the owner; a method that appears gets its line in the table."""
    door, path = SHOP[key], path_of(key, SHOP[key], twins.shop.values)
    listed = {method for name, line in SHOP.items() if name.partition("#")[0] == key for method in line.answers}
    with undone():
        answered = {method: ask(twins, door, method, path, audience="owner").status for method in METHODS if method not in listed}
    assert set(answered.values()) <= {405}, answered


@pytest.mark.parametrize("key", [key for key, door in SHOP.items() if set(door.answers) & set(UNSAFE)])
def test_a_page_of_the_other_shop_presses_no_button_here(key: str, twins: Twins) -> None:
    """Sibling hosts are one site to a browser, which sends our cookies with their forms: the origin decides."""
    door, path = SHOP[key], path_of(key, SHOP[key], twins.shop.values)
    audience = next((name for name in twins.of_shop if door.is_open_to(name)), "owner")
    for method in set(door.answers) & set(UNSAFE):
        with undone():
            answer = ask(twins, door, method, path, audience=audience, checks_csrf=True, HTTP_ORIGIN=f"http://{THEIRS_HOST}")
        assert answer.status == 403, f"{method} {path} from {THEIRS_HOST} answers {answer.status}"
