"""Work that goes on beside other work, each in a thread of its own: the next item made ahead, the last job left behind.

Order is kept and at most one item waits, so results and memory are what they would be one after another. It pays where
the work lets other threads run: decoding, polars, numpy and pyarrow on whole columns, files.
"""

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")


def ahead(items: Iterator[Item]) -> Generator[Item, None, None]:
    """The same items in the same order; while one is used, the next is made. What `items` raises comes in its place.

    Close it (`contextlib.closing`) where it may be left before its end: no thread runs after that.
    """
    end = object()
    with ThreadPoolExecutor(1) as thread:
        coming: Future[Item | object] = thread.submit(next, items, end)
        while (item := coming.result()) is not end:
            coming = thread.submit(next, items, end)
            yield item  # type: ignore[misc]


class Behind:
    """Jobs done one after another in a thread of their own, while whoever hands them over goes on with the next one.

    What a job raises comes out at the next `do`, or at the end of the `with`.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._last: Future[None] | None = None

    def __enter__(self) -> "Behind":
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        try:
            if error is None:
                self.wait()
        finally:
            self._thread.shutdown()

    def do(self, job: Callable[[], None]) -> None:
        """Hand a job over. Waits until the one before it is done, so that no more than one is under way."""
        self.wait()
        self._last = self._thread.submit(job)

    def wait(self) -> None:
        """Until every job handed over is done."""
        last, self._last = self._last, None
        if last is not None:
            last.result()
