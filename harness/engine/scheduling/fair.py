"""The policy in use: spread the load over services, begin early with what waits long, disturb last.

* No more than a set number of tests burden one family's services at one site at once.
* Neighbours in the order burden different services, as long as there are several.
* Tests that wait long begin before the others.
* Tests that disturb a service run after all others have ended and cleaned up. There is a lane for
  each family at each site: in a lane one test runs at a time, and the lanes run side by side.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from harness.engine.scheduling.protocol import Pause, Task


@dataclass(eq=False)
class _Lane:
    """Tests that wait for their turn, and the workers that take them."""

    waiting: deque[Task]
    size: int
    """Workers that it may have at once."""
    workers: set[str] = field(default_factory=set)

    @property
    def is_over(self) -> bool:
        return not self.waiting and not self.workers

    @property
    def wants_worker(self) -> bool:
        return bool(self.waiting) and len(self.workers) < self.size


class Fair:
    """`Scheduling` as this module says.

    Parameters
    ----------
    size
        how many tests run side by side.
    per_service
        how many of them may burden the services of one family at one site.
    """

    def __init__(self, tasks: Iterable[Task], *, size: int, per_service: int) -> None:
        side_by_side, alone = parted(tasks)
        self._stages = deque(
            [
                [_Lane(deque(side_by_side), size)],
                [_Lane(deque(lane), size=1) for lane in alone],
            ]
        )
        self._per_service = per_service
        self._running: dict[str, Task] = {}

    def wants_worker(self) -> bool:
        """Tell whether a lane of this stage has tests, and fewer workers than it may have."""
        while self._stages and all(lane.is_over for lane in self._stages[0]):
            self._stages.popleft()
        return bool(self._stages) and any(lane.wants_worker for lane in self._stages[0])

    def joined(self, worker: str) -> None:
        """Give the worker to the first lane that wants one; it stays there."""
        next(lane for lane in self._stages[0] if lane.wants_worker).workers.add(worker)

    def next(self, worker: str) -> int | Pause:
        """Return the first test of the worker's lane whose services bear one more."""
        lane = self._lane(worker)
        if not lane.waiting:
            return Pause.LEAVE
        load = Counter(task.service for task in self._running.values())
        for task in lane.waiting:
            if load[task.service] < self._per_service:
                lane.waiting.remove(task)
                self._running[worker] = task
                return task.number
        return Pause.WAIT

    def ended(self, worker: str) -> None:
        """Take the worker's test off the load."""
        self._running.pop(worker, None)

    def left(self, worker: str) -> None:
        """Take the worker off its lane, and its test off the load."""
        self._lane(worker).workers.remove(worker)
        self.ended(worker)

    def _lane(self, worker: str) -> _Lane:
        return next(lane for lane in self._stages[0] if worker in lane.workers)


def parted(tasks: Iterable[Task]) -> tuple[list[Task], list[list[Task]]]:
    """Return the tests that run side by side, in a good order, and in lanes those that run alone."""
    others: list[Task] = []
    lanes: dict[tuple[str, str], list[Task]] = {}
    for task in tasks:
        (lanes.setdefault(task.service, []) if task.alone else others).append(task)
    others.sort(key=lambda task: not task.long)
    order = spread([task.burden for task in others])
    return [others[number] for number in order], list(lanes.values())


def spread(burdens: Sequence[Hashable]) -> list[int]:
    """Return an order in which neighbours burden different services, as long as there are several.

    Tests come sorted by file and route: left so, all workers would submit jobs to the same site at
    one time, and then none.
    """
    queues: dict[Hashable, deque[int]] = {}
    for index, burden in enumerate(burdens):
        queues.setdefault(burden, deque()).append(index)
    turns = zip_longest(*queues.values())
    return [index for turn in turns for index in turn if index is not None]
