"""Signals wait for the end of a step, and are not lost."""

import signal
import threading

import pytest

from vitruvian.training.interrupts import held_back


def test_ctrl_c_waits_for_the_end_of_the_block():
    with held_back() as came:
        signal.raise_signal(signal.SIGINT)
        assert came == [signal.SIGINT]
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_a_block_that_fails_gives_the_signals_back_to_whom_they_belong():
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ValueError, match=r"^mine$"), held_back():
        raise ValueError("mine")
    assert signal.getsignal(signal.SIGINT) is before
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_other_threads_are_left_alone():
    """Only the main one may change who answers."""
    found: list[list[int]] = []

    def block() -> None:
        with held_back() as came:
            found.append(came)

    thread = threading.Thread(target=block)
    thread.start()
    thread.join()
    assert found == [[]]
