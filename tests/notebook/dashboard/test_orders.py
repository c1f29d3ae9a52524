"""What was asked for is done one after the other, on a thread of its own."""

from __future__ import annotations

import threading
from typing import cast

from tests.polling import poll_until
from tfs_notebook.client import Client
from tfs_notebook.client.control import ModelControl
from tfs_notebook.notebook.dashboard.orders import Order, Orders
from tfs_notebook.wire.errors import NotFound


class Control:
    """A control that nobody listens to."""

    def __init__(self) -> None:
        self.closed = 0

    def close(self) -> None:
        self.closed += 1


class Server:
    """A client that has one."""

    def __init__(self) -> None:
        self.made = Control()

    def control(self) -> Control:
        return self.made


def test_orders_are_carried_out_one_after_the_other_elsewhere() -> None:
    orders, server, done = Orders(lambda: None), Server(), list[int]()
    client = cast("Client", server)
    held = threading.Event()

    def order(number: int) -> Order:
        def run(_: ModelControl) -> str:
            assert held.wait(60)
            done.append(number)
            if number == 1:
                raise NotFound("there is no such model")
            return f"result {number}"

        return Order(f"order {number}", run)

    for number in range(3):
        orders.give(order(number), client)
    poll_until(lambda: orders.read()[-1].state == "running", "the first is being done")
    assert [deed.state for deed in orders.read()] == ["waiting", "waiting", "running"]
    held.set()
    poll_until(lambda: orders.read()[0].state == "done", "all are done")
    assert done == [0, 1, 2]
    assert [(deed.state, deed.text) for deed in reversed(orders.read())] == [
        ("done", "result 0"),
        ("failed", "there is no such model"),
        ("done", "result 2"),
    ]
    assert server.made.closed == 3
    for number in range(3, 20):
        orders.give(order(number), client)
    poll_until(lambda: orders.read()[0].title == "order 19", "the last is known")
    poll_until(lambda: orders.read()[0].state == "done", "and done")
    assert len(orders.read()) == 5
