"""From a fit to a service that notices when it fails and is mended: every command as a user types it, and what it says.

    python benchmarks/service_story.py --data DATA --set clothing_small

Fits on a part of the set, exports to every format, serves, asks a thousand requests of inputs that it has not seen,
opens the page in Chromium, then changes the inputs, asks the monitor, labels what it advises (from the set's own
labels), fits again with the feedback, and lets the server take the new model. The accuracy on changed inputs that were
never labelled is measured before and after. Writes ``results/service_story/SET.md`` and pictures of the page.
"""

from __future__ import annotations

import argparse
import json
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from story.subjects import SUBJECTS, Item, Subject, World
from story.telling import Telling

REQUESTS, CHANGED, LABELLED, TRIED = 1000, 500, 150, 200
CLIENTS = 4
RELOAD_SECONDS = 30.0
WRITTEN_SECONDS = 70.0
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@dataclass
class Server:
    """``headstart serve`` on a free port."""

    process: subprocess.Popen[bytes]
    url: str

    @classmethod
    def started(cls, telling: Telling, *words: str) -> Server:
        """Once it says where it listens."""
        telling.quote(f"$ headstart serve {' '.join(words)} &")
        log = telling.folder / "server.log"
        command = [str(Path(sys.executable).with_name("headstart")), "serve", *words, "--port", "0", "--quiet"]
        with log.open("wb") as stream:
            process = subprocess.Popen(command, cwd=telling.folder, env=telling.environment(), stderr=stream)
        until = time.perf_counter() + 60
        while not (found := re.search(r"at (http\S+)", log.read_text())):
            if process.poll() is not None or time.perf_counter() > until:
                raise RuntimeError(log.read_text()[-3000:])
            time.sleep(0.05)
        return cls(process, found[1])

    def stop(self) -> int:
        """Its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


@dataclass
class Asked:
    """What came back from requests, in their order."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)

    def told(self) -> str:
        """A sentence."""
        counts = ", ".join(f"{count} times {status}" for status, count in sorted(self.statuses.items()))
        low, high = (1000 * np.quantile(self.seconds, q) for q in (0.5, 0.99))
        return (
            f"{sum(self.statuses.values()):,} requests from {CLIENTS} clients: {counts}; half of the answers within "
            f"{low:.0f} ms, 99 of 100 within {high:.0f} ms; {100 * np.mean(self.right):.1f} of 100 right."
        )


def ask(url: str, subject: Subject, items: list[Item]) -> Asked:
    """One request an item, from several clients at a time."""
    with httpx.Client(base_url=url, timeout=30) as client, ThreadPoolExecutor(CLIENTS) as pool:

        def one(item: Item) -> tuple[int, float, str, bool]:
            began = time.perf_counter()
            answer = client.post("/predict", **subject.request(item))
            seconds = time.perf_counter() - began
            row = answer.json()["predictions"][0] if answer.status_code == 200 else {}
            return answer.status_code, seconds, answer.headers["X-Request-Id"], row.get("prediction") == item.label

        found = list(pool.map(one, items))
    return Asked(Counter(each[0] for each in found), *(list(part) for part in list(zip(*found, strict=True))[1:]))


def begin(telling: Telling, subject: Subject, world: World) -> None:
    """A model, its files for other programs, and what the check of each says."""
    telling.title("Fit")
    telling.run("fit", world.first.name, *world.options, "--out", "runs/first", "--quiet")
    telling.title("Export, each format checked by its own runtime in a process of its own")
    for name in subject.formats:
        telling.run("export", "runs/first", "--format", name, "--out", f"exported/{name}", may_fail=True)
        gate = telling.folder / "exported" / name / "gate.json"
        if gate.exists():
            telling.quote(f"$ cat exported/{name}/gate.json\n{gate_figures(json.loads(gate.read_text()))}")


def gate_figures(gate: dict[str, Any]) -> str:
    """A line for each part."""
    return "\n".join(f"{key}: {json.dumps(value)}" for key, value in gate.items())


def drawn(items: list[Item], count: int, seed: int) -> list[Item]:
    """So many, each as often as any other."""
    rng = np.random.default_rng(seed)
    rounds = [rng.permutation(len(items)) for _ in range(-(-count // len(items)))]
    return [items[k] for k in np.concatenate(rounds)[:count]]


def written(telling: Telling) -> None:
    """Waits until the server has written down what it counted up to now: a minute at most, or it is there already."""
    log, began = telling.folder / "monitor.jsonl", time.time()
    while time.time() < began + WRITTEN_SECONDS and not (log.exists() and log.stat().st_mtime > began):
        time.sleep(0.5)


def metrics_of(url: str) -> str:
    """Lines about drift."""
    until = time.perf_counter() + WRITTEN_SECONDS
    while time.perf_counter() < until:
        text = httpx.get(f"{url}/metrics", timeout=30).text
        found = [line for line in text.splitlines() if line.startswith("headstart_monitor")]
        if any("alarm" in line for line in found):
            break
        time.sleep(1)
    return "\n".join(found)


def started(telling: Telling) -> Server:
    """The server of the story: it keeps feedback, inputs, and counts."""
    telling.title("Serve")
    (telling.folder / "runs" / "current").symlink_to("first")
    return Server.started(
        telling, "runs/current", "--feedback", "feedback.sqlite", "--monitor-log", "monitor.jsonl",
        "--set", "keep_inputs=kept",
    )  # fmt: skip


def watch(telling: Telling, subject: Subject, world: World, server: Server, shots: Path) -> None:
    """A thousand requests, the page, and a monitor that has nothing to say."""
    asked = ask(server.url, subject, drawn(world.later, REQUESTS, 0))
    telling.say(f"Inputs that it has not seen, of the kind it learned from: {asked.told()}")
    written(telling)
    if subject.remark:
        telling.say(subject.remark)
    telling.run("monitor", "runs/current", "monitor.jsonl", "--quiet")
    telling.quote(f"$ curl URL/metrics | grep ^headstart_monitor\n{metrics_of(server.url)}")
    photograph(server.url, subject, world.later[0], shots)
    telling.say(f"The page at `/`, in Chromium: ![the page]({subject.name}.png)")


def photograph(url: str, subject: Subject, item: Item, shots: Path) -> None:
    """The page with one answer and what it rests on."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page(viewport={"width": 1100, "height": 900})
        page.goto(url)
        if subject.request(item).get("json"):
            page.fill("textarea", item.content.decode())
        else:
            kind = {"name": item.name, "mimeType": "image/jpeg", "buffer": item.content}
            page.set_input_files("input[type=file]", kind)
        page.click("#send")
        page.wait_for_selector("#said:not([hidden])")
        if page.is_visible("#explain"):
            page.click("#explain")
            page.wait_for_timeout(1500)
        shots.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=shots / f"{subject.name}.png", full_page=True)
        browser.close()


def mend(telling: Telling, subject: Subject, world: World, server: Server) -> None:
    """The world changes, the monitor says so, labels are given, a new model takes over."""
    rng = np.random.default_rng(1)
    order = [world.changed[k] for k in rng.permutation(len(world.changed))]
    tried, seen = order[:TRIED], order[TRIED:]
    telling.title("The world changes")
    items = drawn(seen, CHANGED, 2)
    asked = ask(server.url, subject, items)
    telling.say(f"From now on come {subject.change}: {asked.told()}")
    written(telling)
    telling.run("monitor", "runs/current", "monitor.jsonl", "--out", "monitored", "--quiet")
    telling.quote(f"$ curl URL/metrics | grep ^headstart_monitor\n{metrics_of(server.url)}")
    before = ask(server.url, subject, tried)
    telling.title("What was advised: labels")
    advised, labelled = label(telling, server.url, items, asked, LABELLED)
    telling.say(
        f"A person labels {labelled} of the changed inputs, {advised} of them as advised; the server keeps "
        "each on disk before it says so."
    )
    telling.run("fit", "--update", "runs/first", "--add", "feedback.sqlite", "--out", "runs/second", "--quiet")
    telling.title("The new model takes over")
    version = httpx.get(f"{server.url}/model", timeout=30).json()["version"]
    link = telling.folder / "runs" / "next"
    link.symlink_to("second")
    link.replace(telling.folder / "runs" / "current")
    telling.quote("$ ln -s second runs/next && mv -T runs/next runs/current")
    began = time.perf_counter()
    while httpx.get(f"{server.url}/model", timeout=30).json()["version"] == version:
        if time.perf_counter() - began > RELOAD_SECONDS:
            raise RuntimeError("the server did not take the new model")
        time.sleep(0.1)
    telling.say(f"After {time.perf_counter() - began:.1f} s the server answers with it; no request failed.")
    after = ask(server.url, subject, tried)
    telling.say(
        f"{TRIED} changed inputs that nobody labelled: {100 * np.mean(before.right):.1f} of 100 right before, "
        f"{100 * np.mean(after.right):.1f} after."
    )
    old = [item for item in drawn(world.later, len(world.later), 3)][:TRIED]
    telling.say(f"{TRIED} inputs as they were: {100 * np.mean(ask(server.url, subject, old).right):.1f} of 100 right.")
    telling.say(f"At SIGTERM the server ends with {server.stop()}.")


def label(telling: Telling, url: str, items: list[Item], asked: Asked, most: int) -> tuple[int, int]:
    """Feedback for answers, those that the monitor advises first; how many were advised, and how many there are."""
    advice = json.loads((telling.folder / "monitored" / "monitor.json").read_text())["advice"]
    wanted = {name.partition("/")[0] for step in advice for name in step["ids"]}
    answers = sorted(zip(items, asked.ids, asked.right, strict=True), key=lambda answer: answer[1] not in wanted)
    done: dict[str, str] = {}
    with httpx.Client(base_url=url, timeout=30) as client:
        for item, request, is_right in answers:
            if len(done) < most and item.name not in done:
                verdict = {"verdict": "right"} if is_right else {"verdict": "wrong", "label": item.label}
                client.post("/feedback", json={"request_id": request, "example": "0", **verdict}).raise_for_status()
                done[item.name] = request
    return len(wanted & set(done.values())), len(done)


def main() -> None:
    """One story."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="Folder with the data sets.")
    parser.add_argument("--set", choices=list(SUBJECTS), required=True)
    parser.add_argument("--work", type=Path, required=True, help="An empty folder.")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "service_story")
    options = parser.parse_args()
    subject, work = SUBJECTS[options.set], options.work.resolve()
    world = subject.world(options.data.resolve(), work)
    telling = Telling(work)
    telling.lines += [f"# {subject.name}: from a fit to a service that is mended", ""]
    telling.say(f"Told by `python benchmarks/service_story.py --data DATA --set {subject.name} --work WORK`.")
    begin(telling, subject, world)
    server = started(telling)
    telling.names[server.url] = "URL"
    try:
        watch(telling, subject, world, server, options.out)
        mend(telling, subject, world, server)
    finally:
        server.process.kill()
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / f"{subject.name}.md").write_text(telling.page(), encoding="utf-8")


if __name__ == "__main__":
    main()
