import copy
import inspect
import pickle
from pathlib import Path

import pytest

from headstart.core import errors

ALL = [item for item in vars(errors).values() if inspect.isclass(item) and item.__module__ == errors.__name__]


@pytest.mark.parametrize("error", ALL, ids=lambda error: error.__name__)
def test_every_error_is_drawn_in_the_tree_and_has_an_exit_code_of_the_contract(error):
    assert error.__name__ in (errors.__doc__ or "")
    assert error.exit_code in {1, 2, 3, 4, 130}
    assert error.__doc__


MADE_FROM = {
    errors.MissingExtraError: {"package": "openvino", "extra": "fast", "purpose": "The runtime openvino"},
    errors.RunInterrupted: {"path": Path("runs/flowers")},
}


@pytest.mark.parametrize("error", ALL, ids=lambda error: error.__name__)
def test_every_error_reaches_another_process_with_its_message_and_what_it_was_made_from(error):
    facts = MADE_FROM.get(error, {})
    raised = error(**facts) if facts else error("what must hold, what came, what to do")
    for other in (pickle.loads(pickle.dumps(raised)), copy.copy(raised)):  # noqa: S301  # our own bytes
        assert type(other) is error and str(other) == str(raised)
        assert {name: getattr(other, name) for name in facts} == facts


def test_a_near_match_is_suggested_and_a_far_one_is_not():
    assert "Did you mean 'l2_sp'?" in errors.choice_message("method", "l2sp", ["dann", "l2_sp"])
    assert "Did you mean" not in errors.choice_message("method", "zzzz", ["dann", "l2_sp"])


def test_a_missing_extra_is_an_import_error_that_names_the_extra():
    error = errors.MissingExtraError("openvino", "fast", "The runtime openvino")
    assert isinstance(error, ImportError) and error.exit_code == 2
    assert "pip install 'headstart[fast]'" in str(error)
