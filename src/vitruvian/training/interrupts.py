"""Ctrl-C and other polite requests to end, which must not come in the middle of a step."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

POLITE = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def held_back() -> Iterator[list[int]]:
    """The signals that come during the block, and are answered by nobody yet: pass them on by `signal.raise_signal`.

    Those that Python has no answer to, and all of a thread that is not the main one, come as ever.
    """
    came: list[int] = []
    answers = {number: signal.getsignal(number) for number in POLITE} if _is_main() else {}
    python = {number: answer for number, answer in answers.items() if callable(answer)}
    for number in python:
        signal.signal(number, lambda number, _: came.append(number))
    try:
        yield came
    finally:
        for number, answer in python.items():
            signal.signal(number, answer)


def _is_main() -> bool:
    return threading.current_thread() is threading.main_thread()
