"""A shop's colours, computed from its one accent so that text stays readable whatever colour the merchant picked."""

import colorsys
from dataclasses import dataclass

# WCAG 2.2, 1.4.3: contrast of text.
READABLE = 4.5
WHITE = (255, 255, 255)
OFFICE_GROUND = (245, 245, 247)  # --bg-0 of the light office
DARK_SURFACE = (30, 30, 38)  # --bg-2 of the dark shop, the lightest surface that accent text stands on
STEP = 0.01

Rgb = tuple[int, int, int]


@dataclass(frozen=True)
class Theme:
    """CSS colours. `fill` carries white text, `ink` stands on white, `bright` and `text` on the dark shop, `soft` is a tint."""

    accent: str
    fill: str
    ink: str
    bright: str
    text: str
    soft: str


def theme_of(accent: str) -> Theme:
    """The colours that follow from `accent` (`#rrggbb`)."""
    rgb = _parse(accent)
    return Theme(
        accent=_hex(rgb),
        fill=_hex(_darkened(rgb, against=WHITE)),
        ink=_hex(_darkened(rgb, against=OFFICE_GROUND)),
        bright=_hex(_lightened(rgb, against=DARK_SURFACE)),
        text=_hex(_lightened(rgb, against=DARK_SURFACE, contrast=6.5)),
        soft=f"rgb({rgb[0]} {rgb[1]} {rgb[2]} / 14%)",
    )


def stylesheet_of(theme: Theme) -> str:
    """One rule that overrides the default accent of `tokens.css`."""
    return (
        f":root{{--accent:{theme.accent};--accent-fill:{theme.fill};--accent-ink:{theme.ink};"
        f"--accent-bright:{theme.bright};--accent-text:{theme.text};--accent-soft:{theme.soft}}}\n"
    )


def contrast_of(one: Rgb, other: Rgb) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _darkened(rgb: Rgb, *, against: Rgb) -> Rgb:
    """Take the same light from each channel, which keeps the colour full, until text is readable."""
    while contrast_of(rgb, against) < READABLE and any(rgb):
        rgb = max(0, rgb[0] - 1), max(0, rgb[1] - 1), max(0, rgb[2] - 1)
    return rgb


def _lightened(rgb: Rgb, *, against: Rgb, contrast: float = READABLE) -> Rgb:
    """Mix white in until text is readable."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*(part / 255 for part in rgb))
    while contrast_of(rgb, against) < contrast and lightness < 1 - STEP:
        lightness += STEP
        rgb = _bytes(colorsys.hls_to_rgb(hue, lightness, saturation))
    return rgb


def _bytes(parts: tuple[float, float, float]) -> Rgb:
    red, green, blue = (round(part * 255) for part in parts)
    return red, green, blue


def _luminance(rgb: Rgb) -> float:
    """Relative luminance (WCAG 2.2)."""
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (value / 255 for value in rgb))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _parse(colour: str) -> Rgb:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _hex(rgb: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*rgb)
