"""Pictures of a report for docs/read_the_report.md: a desktop, all predictions, a phone, dark, and paper.

    python docs/gen/screenshots.py RUN [--out docs/screens]

RUN is a finished run, such as ``headstart fit examples/clothing --out RUN`` leaves; its report is written again first.
Needs the package's ``dev`` extra and a Chromium, on the path or named by ``$CHROMIUM``. Pictures have at most 256
colours, so that each stays below 200 kB.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps
from playwright.sync_api import Page, sync_playwright

import headstart

DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
PAPER = {"width": 688, "height": 1010}  # A4 within the margins of the style sheet
SHOTS: dict[str, dict[str, Any]] = {  # "at": what is scrolled to; of several, screens stand side by side
    "desktop": {"window": DESKTOP},
    "classes": {"window": DESKTOP, "at": ["#confusion"]},
    "mistakes": {"window": DESKTOP, "at": ["#explained, #mistakes"]},
    "predictions": {"window": DESKTOP, "at": ["#predictions"]},
    "phone": {"window": PHONE, "at": ["body", "#confusion", "#explained, #mistakes"]},
    "dark": {"window": DESKTOP, "dark": True, "at": ["#certainty"]},
    "print": {"window": PAPER, "media": "print", "margin": 56},
}
MOST_BYTES = 200_000
COLOURS = 256
GAP, GROUND = 24, "#8a929c"  # between screens that stand side by side


def taken(tab: Page, page: Path, shot: dict[str, Any]) -> Image.Image:
    """One picture."""
    window = shot["window"]
    tab.set_viewport_size(window)
    tab.emulate_media(
        media=shot.get("media", "screen"), color_scheme="dark" if shot.get("dark") else "light", reduced_motion="reduce"
    )
    tab.goto(page.absolute().as_uri())
    tab.wait_for_selector("#predictions.alive", state="attached")
    screens = []
    for place in shot.get("at", ["body"]):
        tab.evaluate("name => document.querySelector(name).scrollIntoView()", place)
        tab.wait_for_timeout(300)  # until the contents mark what is read
        screens.append(Image.open(io.BytesIO(tab.screenshot())).convert("RGB"))
    width = sum(screen.width for screen in screens) + GAP * (len(screens) - 1)
    whole = Image.new("RGB", (width, window["height"]), GROUND)
    for number, screen in enumerate(screens):
        whole.paste(screen, (number * (screen.width + GAP), 0))
    return ImageOps.expand(whole, shot.get("margin", 0), "white")


def main() -> None:
    """Write all pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "screens")
    args = parser.parse_args()
    page = headstart.report(args.run)
    args.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as driver:
        program = os.environ.get("CHROMIUM") or shutil.which("chromium")
        tab = driver.chromium.launch(executable_path=program, args=["--no-sandbox"]).new_page()
        for name, shot in SHOTS.items():
            path = args.out / f"{name}.png"
            taken(tab, page, shot).quantize(COLOURS).save(path, optimize=True)
            if path.stat().st_size > MOST_BYTES:
                raise SystemExit(f"{path} must have at most {MOST_BYTES} bytes; it has {path.stat().st_size}.")


if __name__ == "__main__":
    main()
