"""Contrast by the definition of WCAG 2, from the colours as the style sheet names them."""

import re

import pytest

from headstart.reports.frame import TEMPLATES

STYLE = (TEMPLATES / "style.css").read_text(encoding="utf-8")
BLOCKS = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
READABLE = 4.5  # smallest contrast of text
VISIBLE = 3.0  # smallest contrast of a mark that carries meaning


def colours(block):
    return dict(re.findall(r"(--[a-z0-9-]+): (#[0-9a-f]{6})", block))


LIGHT = colours(BLOCKS[0])
DARK = {**LIGHT, **colours(BLOCKS[1])}
THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def test_black_on_white_is_21_to_1():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


def test_the_dark_theme_names_every_colour_anew():
    assert colours(BLOCKS[1]).keys() == LIGHT.keys()


@THEMES
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("--ink", "--page"),
        ("--ink", "--raised"),
        ("--soft", "--page"),
        ("--soft", "--raised"),
        ("--accent", "--page"),
        ("--accent", "--accent-wash"),
        ("--bad", "--page"),
        ("--ink", "--good-wash"),
        ("--ink", "--bad-wash"),
        ("--ink", "--unclear-wash"),
        ("--good", "--good-wash"),
        ("--bad", "--bad-wash"),
        ("--unclear", "--unclear-wash"),
        ("--mark", "--raised"),
        ("--page", "--good"),
        ("--page", "--bad"),
        ("--page", "--unclear"),
        ("--page", "--mark"),
    ],
)
def test_text_can_be_read(theme, text, ground):
    assert contrast(theme[text], theme[ground]) >= READABLE


@THEMES
@pytest.mark.parametrize("hue", ["d", "e"])
def test_counts_can_be_read_on_every_shade_and_shades_grow(theme, hue):
    shades = [theme[f"--{hue}{step}"] for step in range(1, 10)]
    for step, shade in enumerate(shades, 1):
        text = theme["--on-deep"] if step >= 7 else theme["--on-pale"]
        assert contrast(text, shade) >= READABLE, step
    distances = [contrast(shade, theme["--page"]) for shade in shades]
    assert distances == sorted(distances)


@THEMES
@pytest.mark.parametrize("mark", ["--mark", "--accent", "--e7"])
def test_marks_can_be_seen(theme, mark):
    assert contrast(theme[mark], theme["--page"]) >= VISIBLE
