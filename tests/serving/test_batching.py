"""Batches of what waits."""

from __future__ import annotations

import asyncio
import threading

import numpy as np
import pytest

from headstart.serving.batching import Batcher
from headstart.serving.models import Answered
from headstart.serving.refusals import Refusal


class Doubling:
    """A model whose answer to a number is twice the number; it waits for ``gate`` before each batch."""

    def __init__(self, is_open=True, most=100):
        self.most = most
        self.sizes = []
        self.gate = threading.Event()
        if is_open:
            self.gate.set()

    def answer(self, ready):
        self.gate.wait(5)
        self.sizes.append(len(ready))
        if "bad" in ready:
            raise ValueError("secret")
        return Answered([2 * each for each in ready], np.zeros((len(ready), 1)), np.zeros((len(ready), 1)))


def running(scenario, **settings):
    async def main():
        batcher = Batcher(**{"most": 4, "wait_seconds": 0.0, "limit": 100, "limit_seconds": 100.0, **settings})
        batcher.start()
        try:
            return await scenario(batcher)
        finally:
            await batcher.stop()

    return asyncio.run(asyncio.wait_for(main(), 10))


def test_answers_come_in_order_and_what_waits_is_joined():
    model = Doubling(is_open=False)

    async def scenario(batcher):
        asked = [asyncio.create_task(batcher.answer(model, [number])) for number in range(9)]
        await asyncio.sleep(0.05)
        model.gate.set()
        return await asyncio.gather(*asked)

    assert running(scenario) == [[2 * number] for number in range(9)]
    assert sum(model.sizes) == 9 and model.sizes[1] == 4 and max(model.sizes) == 4


def test_a_large_request_is_cut_into_batches():
    model = Doubling()
    assert running(lambda batcher: batcher.answer(model, list(range(10)))) == list(range(0, 20, 2))
    assert max(model.sizes) <= 4


def test_a_model_that_is_no_faster_on_several_gets_one_at_a_time():
    model = Doubling(most=1)
    assert running(lambda batcher: batcher.answer(model, [1, 2, 3])) == [2, 4, 6]
    assert model.sizes == [1, 1, 1]


def test_models_are_never_mixed_in_a_batch():
    first, second = Doubling(is_open=False), Doubling()

    async def scenario(batcher):
        asked = [asyncio.create_task(batcher.answer(model, [1])) for model in (first, second, first, second)]
        await asyncio.sleep(0.05)
        first.gate.set()
        return await asyncio.gather(*asked)

    assert running(scenario) == [[2]] * 4
    assert first.sizes == [1, 1] and second.sizes == [1, 1]


def test_waiting_a_moment_joins_what_comes_in_it():
    model = Doubling()

    async def scenario(batcher):
        asked = [asyncio.create_task(batcher.answer(model, [number])) for number in range(3)]
        return await asyncio.gather(*asked)

    assert running(scenario, wait_seconds=0.05) == [[0], [2], [4]]
    assert model.sizes == [3]


def test_more_than_may_wait_is_refused_with_the_time_after_which_to_come_again():
    async def scenario(batcher):
        batcher.enter(3)
        with pytest.raises(Refusal) as caught:
            batcher.enter(2)
        batcher.leave(3)
        batcher.enter(4)
        return caught.value

    refusal = running(scenario, limit=4)
    assert refusal.status == 429 and int(refusal.headers["Retry-After"]) >= 1


def test_what_is_expected_to_wait_too_long_is_refused_but_never_the_only_one():
    async def scenario(batcher):
        batcher.seconds_each = 10.0
        batcher.enter(1)  # alone: it is answered however long it takes
        with pytest.raises(Refusal) as caught:
            batcher.check()
        return caught.value.retry_after

    assert running(scenario, limit_seconds=5.0) == 10


def test_a_batch_that_fails_is_told_without_its_message_and_the_next_one_is_computed():
    model = Doubling()

    async def scenario(batcher):
        with pytest.raises(RuntimeError) as caught:
            await batcher.answer(model, ["bad"])
        assert "secret" not in str(caught.value)
        return await batcher.answer(model, [1])

    assert running(scenario) == [2]


def test_what_nobody_waits_for_is_not_computed():
    model = Doubling(is_open=False)

    async def scenario(batcher):
        first = asyncio.create_task(batcher.answer(model, [1]))
        await asyncio.sleep(0.02)
        given_up = asyncio.create_task(batcher.answer(model, [2, 3]))
        await asyncio.sleep(0.02)
        given_up.cancel()
        await asyncio.sleep(0.02)
        model.gate.set()
        await first
        return await batcher.answer(model, [4])

    assert running(scenario) == [8]
    assert model.sizes == [1, 1]
