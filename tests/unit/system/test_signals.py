import signal
import time
from pathlib import Path

import pytest

from copperplate.errors import Creation
from copperplate.system import signals
from copperplate.system.signals import Interrupted


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_is_raised_with_its_number(number: signal.Signals) -> None:
    with pytest.raises(Interrupted) as raised, signals.as_exceptions():
        signal.raise_signal(number)
    assert raised.value.number == number


def test_a_signal_waits_for_a_step_that_must_not_be_interrupted() -> None:
    done: list[str] = []
    with pytest.raises(Interrupted), signals.as_exceptions():
        _work_under_fire(done)
    assert done == ["all of it", "really"]


def _work_under_fire(done: list[str]) -> None:
    with signals.deferred():
        signal.raise_signal(signal.SIGTERM)
        with signals.deferred():
            done.append("all of it")
        done.append("really")


def test_the_old_handlers_are_restored() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with signals.as_exceptions():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before


def test_before_the_exit_of_the_program_signals_are_ignored_unless_there_was_an_error() -> None:
    before = {number: signal.getsignal(number) for number in signals.ENDING}
    try:
        with pytest.raises(ValueError, match="reported"), signals.as_exceptions(exits=True):
            raise ValueError("reported")
        assert {number: signal.getsignal(number) for number in signals.ENDING} == before
        with signals.as_exceptions(exits=True):
            pass
        for number in signals.ENDING:
            signal.raise_signal(number)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_a_deferred_signal_does_not_replace_an_error() -> None:
    with pytest.raises(ValueError, match="first"), signals.as_exceptions():
        _fail_under_fire()
    with signals.deferred():
        pass  # and the signal does not come up later


def _fail_under_fire() -> None:
    with signals.deferred():
        signal.raise_signal(signal.SIGTERM)
        raise ValueError("first")


def test_a_signal_in_a_destructor_is_not_lost() -> None:
    with pytest.raises(Interrupted), signals.as_exceptions():
        _destroyed_under_fire()


def _destroyed_under_fire() -> None:
    class Destroyed:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGTERM)

    Destroyed()
    time.sleep(10)


def test_a_signal_after_the_end_is_ignored() -> None:
    with signals.as_exceptions():
        with signals.deferred():
            signal.raise_signal(signal.SIGINT)
            signals.settle()
            signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)


def test_a_deferred_signal_ends_the_next_step() -> None:
    with pytest.raises(Interrupted), signals.as_exceptions():
        _heed_late()


def _heed_late() -> None:
    signals.settle()
    signal.raise_signal(signal.SIGTERM)
    signals.heed(done=None)


def test_a_signal_after_the_deferral_reports_the_finished_work() -> None:
    with pytest.raises(Interrupted) as raised, signals.as_exceptions():
        _heed_again()
    assert raised.value.done == Creation(Path("shop"))


def _heed_again() -> None:
    signals.settle()
    signals.heed(Creation(Path("shop")))
    signal.raise_signal(signal.SIGTERM)


def test_a_step_that_fails_at_the_end_leaves_the_signals_as_they_were() -> None:
    before = signal.getsignal(signal.SIGTERM)

    def fail() -> None:
        raise LookupError

    with pytest.raises(LookupError), signals.as_exceptions():
        step = signals.at_the_latest(fail)
    signals.forget(step)
    assert signal.getsignal(signal.SIGTERM) is before
    assert not signals.are_deferred()
