"""The endpoints, asked as clients ask them."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import headstart
from serving.conftest import client_of
from serving.test_examples import JSON

PICTURE = ("red", "9.png")


@pytest.fixture(scope="module")
def picture(shared):
    return shared.photos.joinpath(*PICTURE).read_bytes()


@pytest.fixture(scope="module")
def told(shared):
    """What ``headstart predict`` says of the picture."""
    return headstart.predict(shared.run.path, shared.photos.joinpath(*PICTURE)).rows[0]


def same(row, told):
    assert row.keys() == told.keys()
    for name in row.keys() - {"id"}:
        assert row[name] == (pytest.approx(told[name], abs=1e-5) if isinstance(told[name], float) else told[name]), name


def as_json(*contents):
    return {"inputs": [{"data": base64.b64encode(content).decode()} for content in contents]}


def test_one_picture_sent_in_three_ways_gets_the_row_that_predict_gives(client, picture, told):
    ways = [
        client.post("/predict", content=picture, headers={"Content-Type": "image/png"}),
        client.post("/predict", files={"file": ("9.png", picture)}),
        client.post("/predict", json=as_json(picture)),
    ]
    for response in ways:
        assert response.status_code == 200
        (row,) = response.json()["predictions"]
        same(row, told)
    assert ways[1].json()["predictions"][0]["id"] == "9.png"


def test_pictures_that_are_answered_together_get_the_row_that_each_gets_alone(client, shared):
    assert client.service.slots.current.most == 4
    pictures = [path.read_bytes() for path in sorted((shared.photos / "red").glob("*.png"))[:6]]
    alone = [client.post("/predict", json=as_json(each)).json()["predictions"][0] for each in pictures]
    together = client.post("/predict", json=as_json(*pictures)).json()["predictions"]
    assert len({row["probability"] for row in alone}) > 1
    for one, row in zip(alone, together, strict=True):
        same(row, one)


def test_a_bad_picture_keeps_its_place_beside_good_ones(client, picture, told):
    response = client.post(
        "/predict", files=[("file", ("a", picture)), ("file", ("b", b"no")), ("file", ("c", picture))]
    )
    assert response.status_code == 200
    rows = response.json()["predictions"]
    assert [row["id"] for row in rows] == ["a", "b", "c"]
    assert [row["error"] is None for row in rows] == [True, False, True]
    same(rows[2], told)


def test_where_no_input_can_be_used_the_status_says_so(client):
    response = client.post("/predict", json=as_json(b"nothing"))
    assert response.status_code == 422
    assert "starts with" in response.json()["predictions"][0]["error"]


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"{", "application/json", 400, "malformed"),
        (b"[" * 100_000, "application/json", 400, "malformed"),
        (b'{"inputs": [NaN]}', "application/json", 400, "malformed"),
        (b"{}", "application/json", 422, "unusable"),
        (b'{"inputs": []}', "application/json", 422, "unusable"),
        (b'{"inputs": [1]}', "application/json", 422, "unusable"),
        (b'{"inputs": [{"url": "http://127.0.0.1/x"}]}', "application/json", 422, "unusable"),
        (b"x", "text/html", 415, "media_type"),
        (b"x", "multipart/form-data", 400, "malformed"),
        (
            b"--b\r\nContent-Disposition: form-data; name=f\r\n\r\nx",
            "multipart/form-data; boundary=b",
            400,
            "malformed",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_code_and_a_sentence(client, body, kind, status, code):
    response = client.post("/predict", content=body, headers={"Content-Type": kind})
    assert response.status_code == status
    assert response.json()["error"]["code"] == code
    assert response.json()["error"]["message"].endswith(".")


def test_too_many_and_too_much(shared, picture):
    limits = {"examples": 2, "body_mib": 0.05, "megapixels": 1e-5}
    with client_of(shared.run.path, limits=limits) as client:
        assert client.post("/predict", json=as_json(b"a", b"b", b"c")).status_code == 413
        assert client.post("/predict", content=b"x" * 60_000, headers={"Content-Type": "image/png"}).status_code == 413
        chunked = client.post("/predict", content=iter([b"x" * 30_000] * 3), headers={"Content-Type": "image/png"})
        assert chunked.status_code == 413
        small = client.post("/predict", content=picture, headers={"Content-Type": "image/png"})
        assert "at most 1e-05 megapixels" in small.json()["predictions"][0]["error"]


def test_health_and_what_is_served(client, shared):
    assert client.get("/healthz").json() == {"status": "alive"}
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    about = client.get("/model").json()
    assert about["class_names"] == ["blue", "green", "red"] and about["parts"][0]["modality"] == "image"
    assert client.get("/evidence").json()["primary"] == "accuracy"


def test_a_server_that_drains_says_so_and_still_answers(shared, picture):
    with client_of(shared.run.path) as client:
        client.service.draining = True
        assert client.get("/readyz").status_code == 503
        response = client.post("/predict", content=picture, headers={"Content-Type": "image/png"})
        assert response.status_code == 200 and response.headers["connection"] == "close"


def test_metrics_count_what_was_answered(shared, picture):
    with client_of(shared.run.path) as client:
        client.post("/predict", json=as_json(picture, b"bad"))
        client.get("/no/such/place")
        text = client.get("/metrics").text
    name = shared.run.path.name
    assert 'headstart_requests_total{route="/predict",status="200"} 1.0' in text
    assert 'headstart_requests_total{route="(none)",status="404"} 1.0' in text
    assert f'headstart_bad_inputs_total{{model="{name}"}} 1.0' in text
    assert "headstart_held_examples 0.0" in text


def test_without_the_key_nothing_but_health_is_answered(shared, tmp_path):
    file = tmp_path / "keys"
    file.write_text("# ours\n" + "k" * 16 + "\n")
    with client_of(shared.run.path, api_key_file=file) as client:
        assert client.get("/healthz").status_code == 200
        for headers in ({}, {"X-API-Key": "k" * 15}, {"Authorization": "Basic " + "k" * 16}):
            assert client.get("/model", headers=headers).status_code == 401
        assert client.get("/model", headers={"X-API-Key": "k" * 16}).status_code == 200
        assert client.get("/model", headers={"Authorization": "Bearer " + "k" * 16}).status_code == 200


def test_a_changed_bundle_is_taken_into_use_and_a_damaged_one_is_not(shared, tmp_path, picture):
    folder = shutil.copytree(shared.run.path / "bundle", tmp_path / "served")
    with client_of(folder) as client:
        first = client.get("/model").json()["version"]
        manifest = json.loads((folder / "manifest.json").read_text())
        (folder / "manifest.json").write_text("{}")
        assert not client.service.slots.refresh()
        assert client.get("/readyz").json()["newer_bundle_refused"]
        assert client.post("/predict", content=picture, headers={"Content-Type": "image/png"}).status_code == 200
        (folder / "manifest.json").write_text(json.dumps(manifest, indent=1))
        assert client.service.slots.refresh()
        assert client.get("/model").json()["version"] != first
        assert client.get("/readyz").json()["newer_bundle_refused"] is None


def test_openapi_describes_every_endpoint_with_an_example(client):
    document = client.get("/openapi.json").json()
    assert {"/predict", "/model", "/healthz", "/readyz", "/metrics", "/v2/models/{name}/infer"} <= document[
        "paths"
    ].keys()
    body = document["paths"]["/predict"]["post"]["requestBody"]["content"]
    assert body.keys() == {"application/json", "image/*", "multipart/form-data"}
    assert "inputs" in body["application/json"]["example"]


def test_the_open_inference_protocol(client, shared, picture, told):
    name = shared.run.path.name
    assert client.get("/v2/health/live").json() == {"live": True}
    assert client.get(f"/v2/models/{name}/ready").json()["ready"]
    tensors = client.get(f"/v2/models/{name}").json()
    assert tensors["inputs"] == [{"name": "input", "datatype": "BYTES", "shape": [-1]}]
    tensor = {"name": "input", "datatype": "BYTES", "shape": [2], "data": [base64.b64encode(picture).decode()] * 2}
    response = client.post(f"/v2/models/{name}/infer", json={"id": "7", "inputs": [tensor]})
    document = response.json()
    assert document["id"] == "7" and document["model_name"] == name
    outputs = {each["name"]: each for each in document["outputs"]}
    assert outputs["prediction"]["data"] == [told["prediction"]] * 2
    assert outputs["probability"]["datatype"] == "FP64" and outputs["probability"]["shape"] == [2]


@pytest.mark.parametrize(
    ("tensor", "status"),
    [
        ({"name": "input"}, 400),
        ({"name": "input", "datatype": {}, "shape": [1], "data": ["a"]}, 400),
        ({"name": "input", "datatype": "BYTES", "shape": [2], "data": ["a"]}, 400),
        ({"name": "input", "datatype": "FP128", "shape": [1], "data": ["a"]}, 400),
        ({"name": "input", "datatype": "BYTES", "shape": [1], "data": ["@"]}, 422),
    ],
)
def test_tensors_that_do_not_fit(client, shared, tensor, status):
    response = client.post(f"/v2/models/{shared.run.path.name}/infer", json={"inputs": [tensor]})
    assert response.status_code == status and response.json()["error"]["message"]


TENSOR = st.fixed_dictionaries(
    {},
    optional={name: JSON for name in ("name", "datatype", "shape", "data", "inputs", "verdict", "label", "request_id")},
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(JSON, TENSOR, st.lists(TENSOR).map(lambda tensors: {"inputs": tensors})))
def test_no_json_makes_the_server_fail(client, shared, document):
    for path in ("/predict", f"/v2/models/{shared.run.path.name}/infer", "/explain", "/feedback"):
        response = client.post(path, content=json.dumps(document), headers={"Content-Type": "application/json"})
        assert 400 <= response.status_code < 500, path


def test_our_own_fault_is_answered_and_its_log_has_no_message(shared, monkeypatch, caplog):
    with client_of(shared.run.path) as client:
        monkeypatch.setattr(client.service.slots, "pick", lambda: 1 / 0)
        response = client.post("/predict", json={"inputs": ["a"]}, headers={"X-Request-Id": "7"})
    assert (response.status_code, response.json()["error"]["code"]) == (500, "failed")
    assert "division" not in response.text and "division" not in caplog.text


def test_another_models_name_is_not_found(client):
    response = client.post("/v2/models/other/infer", json={"inputs": []})
    assert (response.status_code, response.json()["error"]["code"]) == (404, "no_model")


def test_no_torch_is_imported(shared):
    code = (
        "import sys; from pathlib import Path; from headstart.serving.app import application;"
        "from headstart.serving.service import Service; from headstart.serving.settings import ServeConfig;"
        f"application(Service(Path({str(shared.run.path)!r}), ServeConfig()));"
        "print(sorted(name for name in sys.modules if name.split('.')[0] in ('torch', 'timm', 'sklearn', 'pandas')))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
