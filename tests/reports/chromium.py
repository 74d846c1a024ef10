"""A real Chromium, driven by Playwright: one tab, with what it asked for and complained about."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking")
REASON = "no Chromium found: install one, or name it in $CHROMIUM, to look at the pages in a real browser"
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}
SERIOUS = ("serious", "critical")


def find_chromium() -> str | None:
    """``$CHROMIUM`` or the first Chromium on the path."""
    return os.environ.get("CHROMIUM") or next((found for name in NAMES if (found := shutil.which(name))), None)


class Chromium:
    """One headless browser with one tab; use as a context manager. ``flags`` of Chromium come behind :data:`FLAGS`."""

    def __init__(self, program: str, *flags: str) -> None:
        self.program, self.flags = program, flags
        self.heard: list[str] = []
        self.asked: list[str] = []

    def __enter__(self) -> Chromium:
        from playwright.sync_api import sync_playwright

        self.driver = sync_playwright().start()
        self.browser = self.driver.chromium.launch(executable_path=self.program, args=[*FLAGS, *self.flags])
        self.tab = self.browser.new_page()
        self.tab.on("request", lambda request: self.asked.append(request.url))
        self.tab.on("console", lambda message: self.heard.append(message.text))
        self.tab.on("pageerror", lambda error: self.heard.append(str(error)))
        return self

    def __exit__(self, *_: object) -> None:
        self.browser.close()
        self.driver.stop()

    def open(
        self, page: Path, *, width: int = 1280, height: int = 900, dark: bool = False, media: str = "screen"
    ) -> None:
        """Load a file into a window of ``width`` x ``height`` CSS pixels and wait until it is drawn."""
        self.tab.set_viewport_size({"width": width, "height": height})
        self.tab.emulate_media(media=media, color_scheme="dark" if dark else "light", reduced_motion="reduce")
        self.heard.clear()
        self.asked.clear()
        self.tab.goto(page.absolute().as_uri())
        if self.tab.locator("#predictions-data").count():
            self.tab.wait_for_selector("#predictions.alive")

    def ask(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page (the page's own policy still forbids scripts to it)."""
        return self.tab.evaluate(expression)

    def requests(self) -> list[str]:
        """Addresses asked for since the page was opened, other than the page and pictures inside it."""
        return [url for url in self.asked[1:] if not url.startswith("data:")]

    def complaints(self) -> list[str]:
        """What the browser's console holds since the page was opened: errors, warnings, refusals of the policy."""
        return list(self.heard)

    def violations(self) -> list[str]:
        """What axe-core calls a serious or critical violation of WCAG or of good practice in the open page."""
        import axe_playwright_python

        script = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
        self.tab.evaluate(f"{script}; undefined")
        found = self.tab.evaluate("axe.run(document, { resultTypes: ['violations'] })")
        return [
            f"{each['impact']} {each['id']}: {node['html'][:200]}"
            for each in found["violations"]
            if each["impact"] in SERIOUS
            for node in each["nodes"]
        ]

    def saved(self, button: str) -> tuple[str, bytes]:
        """Name and content of the file that a click on a button gives, found by its name for screen readers."""
        with self.tab.expect_download() as waiting:
            self.tab.get_by_role("button", name=button).first.click()
        return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()

    def screenshot(self, path: Path, *, whole: bool = True) -> None:
        """A PNG of the window, or of the whole page."""
        self.tab.screenshot(path=path, full_page=whole)

    def pdf(self, path: Path) -> None:
        """Print the page that is open on A4; what a printer asks for does not depend on the screen."""
        self.tab.emulate_media(media="print", color_scheme=None)
        self.tab.pdf(path=path, format="A4", print_background=True, prefer_css_page_size=True)
