"""Aurora, jewellery and light: "The Last Train North".

She left a star on the seat of a night train; he kept it four years. There are two such stars, and a lamp that knows why.
"""

from __future__ import annotations

from config.demo.film.script import Story, words
from config.demo.film.stories.aurora_found import PLATFORM_NINE, THE_OTHER_STAR, WHAT_THE_LAMP_KNEW
from config.demo.film.stories.aurora_lost import ELEVEN_FLOORS_UP, FOUR_YEARS, WINDOW_SEAT
from config.demo.film.stories.aurora_shop import PRODUCTS

AURORA = Story(
    slug="aurora",
    shop=words("Aurora", "极光"),
    tagline=words("Jewellery and light, told in episodes", "珠宝与灯，一集一集讲给你听"),
    accent="#e5394b",
    currency="USD",
    host="Maren",
    title=words("The Last Train North", "末班北行"),
    synopsis=words("She left a star on a night train. He kept it four years.", "她把一颗星落在夜车上，他留了四年。"),
    episodes=(WINDOW_SEAT, FOUR_YEARS, ELEVEN_FLOORS_UP, THE_OTHER_STAR, WHAT_THE_LAMP_KNEW, PLATFORM_NINE),
    products=PRODUCTS,
)
