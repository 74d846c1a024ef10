"""axe-core finds nothing serious on any page, in light and dark, on a desktop and a phone, all unfolded."""

import json

import pytest

from headstart.reports import render, render_audit
from headstart.reports.against_page import render_against
from reports.chromium import DESKTOP, PHONE, REASON, find_chromium
from reports.helpers_audit import in_evidence, several, write_audit
from reports.helpers_reports import bare, classification, interval, trained, write_predictions, write_run
from reports.test_against_page import DOCUMENT as AGAINST
from reports.test_domains_section import SECTION as DOMAINS
from reports.test_explained_section import WORDS
from reports.test_group_figures import FAIRNESS, SLICES
from reports.test_mitigation_section import SECTION as MITIGATION
from reports.test_networks import FOUND as NETWORKS
from reports.test_race import raced
from reports.test_robustness_section import DOCUMENT as ROBUSTNESS
from reports.test_update_section import SECTION as UPDATE

pytestmark = pytest.mark.skipif(find_chromium() is None, reason=REASON)


def everything(folder):
    """Classes, with every section that a run can have."""
    further = {"slices": SLICES, "fairness": FAIRNESS, "mitigation": MITIGATION, "networks": NETWORKS, "update": UPDATE,
               "domains": DOMAINS}  # fmt: skip
    run = write_run(folder, {**trained(), **further, "audit": in_evidence(several()), "race": raced()["race"]})
    first = json.loads((run / "examples.json").read_text(encoding="utf-8"))["mistakes"][0]["id"]
    explained = {"schema": 1, "mistakes": [{**WORDS, "id": first}]}
    (run / "explanations.json").write_text(json.dumps(explained), encoding="utf-8")
    (run / "audit.json").write_text(json.dumps(several()), encoding="utf-8")
    (run / "robustness.json").write_text(json.dumps({"schema": 1, **ROBUSTNESS}), encoding="utf-8")
    return render(run)


def two_kinds(folder):
    """Two classes with a threshold."""
    return render(write_run(folder, classification(["no", "yes"], test_per_class=30, name="two")))


def numbers(folder):
    """Numbers, whose rows are called by their place."""
    evidence = {
        **bare(),
        "task": "regression",
        "primary": "rmse",
        "test": {"rmse": interval(1.2, half=0.2, within=(0, 9))},
        "residuals": {
            "n": 3,
            "points": [[0.0, 0.5], [1.0, 1.5], [3.0, -1.0]],
            "error_quantiles": {"0.05": -4.0, "0.95": 0.5},
        },
    }
    run = write_run(folder, evidence)
    rows = {"id": ["0", "1", "2"], "target": [0.0, 1.0, 3.0], "prediction": [0.5, 1.5, -1.0]}
    write_predictions(run / "predictions" / "test.parquet", rows)
    return render(run)


def labels(folder):
    """Sets of labels."""
    rates = {name: {"n": 5, "precision": interval(0.8, 5), "recall": interval(0.7, 5)} for name in "xyz"}
    evidence = {**bare(), "task": "multilabel", "primary": "macro_f1", "test": {"macro_f1": 0.8, "per_class": rates}}
    run = write_run(folder, evidence)
    rows = {"id": ["a", "b"], "target": ["x|y", "z"], "prediction": ["y|x", "x"]}
    write_predictions(run / "predictions" / "test.parquet", rows)
    return render(run)


def audited(folder):
    """An audit."""
    return render_audit(write_audit(folder, several()))


def compared(folder):
    """One run against another."""
    folder.mkdir()
    return render_against(folder / "against.html", AGAINST)


PAGES = {each.__name__: each for each in (everything, two_kinds, numbers, labels, audited, compared)}


@pytest.fixture(scope="module")
def page(request, tmp_path_factory):
    return PAGES[request.param](tmp_path_factory.mktemp("accessible") / request.param)


WINDOWS = {  # the two that differ most, and those between
    "desktop_light": (DESKTOP, False),
    "phone_dark": (PHONE, True),
    "desktop_dark": pytest.param((DESKTOP, True), marks=pytest.mark.slow),
    "phone_light": pytest.param((PHONE, False), marks=pytest.mark.slow),
}


@pytest.mark.parametrize("window", WINDOWS.values(), ids=WINDOWS)
@pytest.mark.parametrize("page", PAGES, indirect=True)
def test_nothing_serious_keeps_anybody_from_reading(browser, page, window):
    size, is_dark = window
    browser.open(page, **size, dark=is_dark)
    browser.ask("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert browser.violations() == []


def test_a_violation_would_be_seen(browser, tmp_path):
    page = tmp_path / "bad.html"
    page.write_text(
        "<!doctype html><title>x</title><html lang='en'><main><h1>x</h1><button></button><img src='data:,'>"
    )
    browser.open(page, **DESKTOP)
    assert {each.split(":")[0] for each in browser.violations()} == {"critical button-name", "critical image-alt"}
