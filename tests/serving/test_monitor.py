"""A server that watches what it is asked: what it counts, keeps, says, and what it never does."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

import headstart
from headstart.core.errors import ConfigError
from headstart.monitoring.log import Tail, append, rotate
from headstart.serving import alarming, watching
from headstart.serving.monitor_settings import MonitorConfig
from headstart.serving.webhook import Webhook, message_of
from serving.conftest import client_of


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Stretches and judgements without waiting, and time enough for every example."""
    monkeypatch.setattr(watching, "SHORTEST_SECONDS", 0.0)
    monkeypatch.setattr(watching, "STRETCH", 4)
    monkeypatch.setattr(watching, "DIGEST", 1)
    monkeypatch.setattr(watching, "HEAD_START_SECONDS", 60.0)
    monkeypatch.setattr(alarming, "JUDGE_SECONDS", 0.0)


def ask(client, picture, times=1, **headers):
    files = [("file", (f"{number}.png", picture, "image/png")) for number in range(times)]
    answer = client.post("/predict", files=files, headers=headers)
    assert answer.status_code == 200
    return answer


def settled(client):
    """After everything that was handed over is counted."""
    watch = client.service.monitor._watch
    watch._thread.submit(lambda: None).result(30)


def gauges(client) -> dict[str, float]:
    lines = client.get("/metrics").text.splitlines()
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith("headstart_mon")}


@pytest.fixture(scope="module")
def red(shared):
    return (shared.photos / "red" / "9.png").read_bytes()


def test_one_picture_again_and_again_raises_an_alarm_in_gauges_and_document(shared, red):
    with client_of(shared.run.path, monitor=MonitorConfig(window=60)) as client:
        assert client.get("/monitor").status_code == 404
        for _ in range(8):
            ask(client, red, 8)
            settled(client)
        document = client.get("/monitor").json()
        assert document["alarm"] and document["verdict"] in ("changed", "worse")
        assert document["latency"]["requests"] >= 7
        found = gauges(client)
    assert found['headstart_monitor_alarm{family="classes"}'] == 1
    assert 60 <= found["headstart_monitor_window_examples"] <= 64
    assert found['headstart_monitor_windows_total{alarm="true"}'] == 1
    assert found["headstart_monitor_seconds"] > 0


def test_a_log_keeps_what_was_counted_over_a_restart_and_is_read_by_the_command(shared, red, tmp_path):
    log = tmp_path / "monitor.jsonl"
    for number in range(2):
        with client_of(shared.run.path, monitor=MonitorConfig(log=log, window=40)) as client:
            for _ in range(3):
                ask(client, red, 8, **{"x-request-id": f"round-{number}"})
            client.post("/predict", content=b"no picture", headers={"content-type": "image/png"})
    document = headstart.monitor(shared.run.path, log, window=50).document
    assert (document["window"]["examples"], document["window"]["unusable"]) == (48, 2)
    assert document["source"] == "log" and document["alarm"]
    named = {name for _, name in document["examples"]["drawn"]}
    assert "round-1/0.png" in named or "round-0/0.png" in named


def test_the_log_holds_counts_alone(shared, red, tmp_path):
    log = tmp_path / "monitor.jsonl"
    with client_of(shared.run.path, monitor=MonitorConfig(log=log)) as client:
        rows = ask(client, red, 5).json()["predictions"]
    text = log.read_text()
    assert sum(json.loads(line)["examples"] for line in text.splitlines()) == 5
    assert not any(str(row["probability"]) in text for row in rows)
    assert "png" not in text.replace('.png"', "")  # ids alone, which callers chose


def test_feedback_is_measured(shared, red, tmp_path):
    settings = {"monitor": MonitorConfig(window=1), "feedback": str(tmp_path / "feedback.sqlite")}
    with client_of(shared.run.path, **settings) as client:
        row = ask(client, red, 4, **{"x-request-id": "asked"}).json()["predictions"][0]
        for verdict in ("wrong", "wrong", "right"):
            body = {"request_id": "asked", "example": row["id"], "verdict": verdict}
            assert client.post("/feedback", json=body).status_code == 200
        ask(client, red, 4)
        settled(client)
        measured = client.get("/monitor").json()["accuracy"]["measured"]
    assert (measured["n"], round(measured["value"], 3)) == (3, 0.333)


def test_what_takes_more_than_its_share_of_the_time_goes_uncounted(shared, red, monkeypatch):
    monkeypatch.setattr(watching, "HEAD_START_SECONDS", 0.0)
    with client_of(shared.run.path, monitor=MonitorConfig(share_of_time=1e-9)) as client:
        for _ in range(4):
            ask(client, red, 8)
            settled(client)
        assert client.service.monitor._watch._window.examples <= 8


def test_of_large_examples_one_in_four_is_looked_into_and_all_are_counted(shared, red, monkeypatch, tmp_path):
    monkeypatch.setattr(watching, "SMALL", 0)
    log = tmp_path / "monitor.jsonl"
    with client_of(shared.run.path, monitor=MonitorConfig(log=log)) as client:
        ask(client, red, 8)
        kinds = [each.family for each in client.service.monitor._watch._observer.reference.numbered]
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    counted = {kind: sum(sum(line["counts"][row]) for line in lines) for row, kind in enumerate(kinds)}
    assert (counted["quality"], counted["predictions"], counted["features"]) == (2, 8, 8)


def test_watching_that_fails_breaks_no_answer(shared, red, monkeypatch):
    with client_of(shared.run.path) as client:
        monkeypatch.setattr(client.service.monitor._watch, "_counted", lambda batches: 1 / 0)
        for _ in range(3):
            ask(client, red)


def test_it_can_be_left_out(shared, red):
    with client_of(shared.run.path, monitor=MonitorConfig(enabled=False)) as client:
        ask(client, red)
        assert client.get("/monitor").json()["error"]["code"] == "not_monitored"


def test_a_log_that_cannot_be_written_and_a_webhook_that_is_no_url_are_told_at_once(shared, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="--monitor-log must be a file that can be written"):
        client_of(shared.run.path, monitor=MonitorConfig(log=tmp_path / "file" / "log"))
    with pytest.raises(ConfigError, match="webhook must begin with http"):
        MonitorConfig.parse({"webhook": "file:///etc/passwd"}, "monitor")


def test_two_processes_read_each_others_stretches_and_one_judges(shared, red, tmp_path):
    config = MonitorConfig(log=tmp_path / "monitor.jsonl", window=1)
    with client_of(shared.run.path, monitor=config) as first, client_of(shared.run.path, monitor=config) as second:
        for client in (first, second, first):
            ask(client, red, 8)
            settled(client)
        total = [sum(each["examples"] for each in c.get("/monitor").json()["windows"]) for c in (first, second)]
        judged = [gauges(c)["headstart_monitor_window_examples"] for c in (first, second)]
    assert total[0] == total[1] > 16  # more than one of them was asked
    assert judged[0] > 0 and judged[1] == 0


class _Receiver(BaseHTTPRequestHandler):
    got: list[dict] = []
    statuses: list[int] = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        type(self).got.append(json.loads(body))
        self.send_response(type(self).statuses.pop(0) if type(self).statuses else 200)
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()

    def log_message(self, *args):
        """Quiet."""


@pytest.fixture
def receiver():
    _Receiver.got, _Receiver.statuses = [], []
    server = HTTPServer(("127.0.0.1", 0), _Receiver)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/hook"
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_webhook_is_told_once_when_an_alarm_begins(shared, red, receiver):
    with client_of(shared.run.path, monitor=MonitorConfig(window=60, webhook=receiver)) as client:
        for _ in range(16):
            ask(client, red, 8)
            settled(client)
        until = time.monotonic() + 10
        while not _Receiver.got and time.monotonic() < until:
            time.sleep(0.02)
    (message,) = _Receiver.got
    assert message["alarm"] and message["findings"] and message["advice"]
    assert "examples" not in message and not any("ids" in each for each in message["advice"])


def test_a_webhook_is_tried_three_times_and_follows_no_redirect(receiver):
    document = {name: 0 for name in ("schema", "headstart_version", "model", "verdict", "alarm", "sentence", "level",
                                     "window", "accuracy")}  # fmt: skip
    document |= {"findings": [], "advice": []}
    _Receiver.statuses = [500, 302, 500, 200]
    Webhook(receiver, pause_seconds=0.0).send(document).join(20)
    assert len(_Receiver.got) == 3
    assert _Receiver.got[0] == message_of(document)


def test_a_log_that_grew_is_turned_over_and_read_on(shared, tmp_path):
    from headstart import bundle
    from headstart.monitoring.reference import Reference
    from headstart.monitoring.window import Window

    path, reference = tmp_path / "log", Reference.of(bundle.read(shared.run.path).postprocessing())
    tail = Tail(path, reference, "v")
    assert tail.read() == []
    append(path, Window.empty(reference, "v", 1.0))
    with path.open("ab") as stream:
        stream.write(b'{"headstart_monitor": 1, "version"')  # half a line, as it is being written
    assert [each.begin for each in tail.read()] == [1.0]
    rotate(path, most=10)
    assert not path.exists() and path.with_name("log.1").exists()
    append(path, Window.empty(reference, "v", 2.0))
    append(path, Window.empty(reference, "other", 3.0))
    assert [each.begin for each in tail.read()] == [2.0]
    rotate(path, most=1 << 30)
    assert path.exists()
