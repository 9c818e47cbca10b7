"""Whatever accent a merchant picks, text stays readable (WCAG 2.2, 1.4.3)."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from merchants.tenants.theme import DARK_SURFACE, OFFICE_GROUND, READABLE, WHITE, contrast_of, theme_of
from tests.conftest import Shop

COLOURS = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06X}")


def rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


@given(COLOURS)
def test_every_accent_gives_readable_pairs(accent: str) -> None:
    """White on the fill, ink on the office's ground, bright and text on the dark shop's lightest surface."""
    theme = theme_of(accent)
    assert contrast_of(WHITE, rgb(theme.fill)) >= READABLE
    assert contrast_of(OFFICE_GROUND, rgb(theme.ink)) >= READABLE
    assert contrast_of(rgb(theme.bright), DARK_SURFACE) >= READABLE - 0.01
    assert contrast_of(rgb(theme.text), DARK_SURFACE) >= READABLE


def test_an_accent_that_is_readable_already_stays_as_it_is() -> None:
    """Only what must change is changed."""
    assert theme_of("#B3211A").fill == "#b3211a"


def test_the_stylesheet_is_public_and_may_be_kept(browse: Any, aurora: Shop) -> None:
    """A few minutes, so that a new accent is seen soon."""
    response = browse(aurora).get("/theme.css")
    assert "max-age=300" in response.headers["Cache-Control"]
    assert "--accent:#e5394b" in response.content.decode()
