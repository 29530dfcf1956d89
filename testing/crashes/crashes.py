"""Crashes: kills, signals and full disks at any moment of a command, and checks of the result."""

import signal
from collections import Counter
from dataclasses import dataclass, field

from testing.crashes.processes import Ended, Moment, kill, no_room, send
from testing.crashes.subjects import ABORT, CONTINUE, State, Subject

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_REFUSED = 3


@dataclass
class Crashes:
    """Forced ends of one command, each followed by the next step of a user."""

    subject: Subject
    told: Counter[str] = field(default_factory=Counter)

    def killed_at(self, write: int, *, by_abort: bool) -> None:
        """Killed just before the n-th write."""
        ended = self.subject.run(Moment(write, kill, only_writes=True))
        assert ended.code == -signal.SIGKILL, ended
        self._count("killed at a write")
        self.recover(by_abort=by_abort)

    def killed_after(self, seconds: float, *, by_abort: bool) -> None:
        ended = self.subject.program.run_until(self.subject.command, seconds, signal.SIGKILL)
        assert ended.code in {self.subject.code, -signal.SIGKILL}, ended
        self._count("killed at a moment" if ended.code < 0 else "done before it was killed")
        self.recover(by_abort=by_abort)

    def starved_at(self, write: int, *, by_abort: bool) -> None:
        """The disk is full from the n-th write on; what frees room is still possible."""
        ended = self.subject.run(Moment(write, no_room, only_writes=True, creates=True))
        assert ended.code in {_REFUSED, self.subject.code}, ended
        self._count("disk full" if ended.code == _REFUSED else "done in spite of a full disk")
        self.recover(by_abort=by_abort)

    def signalled_at(self, event: int, number: signal.Signals) -> None:
        """A signal at the n-th event: the exit code and the message are what has happened."""
        self._told_to_end(self.subject.run(Moment(event, send(number))), number)

    def signalled_after(self, seconds: float, number: signal.Signals) -> None:
        self._told_to_end(self.subject.program.run_until(self.subject.command, seconds, number), number)

    def _told_to_end(self, ended: Ended, number: signal.Signals) -> None:
        subject = self.subject
        found = subject.state()
        if ended.code == subject.code:
            self._is(found, subject.end)
            assert "nothing was" not in ended.said.lower(), ended.said
            self._count("done, though told to end")
        else:
            assert ended.code in {128 + number, -number}, ended
            self._is(found, subject.start, f"it ended with {ended.code} and said {ended.said!r}")
            assert ended.code < 0 or "nothing" in ended.said.lower(), ended.said
            self._count(f"ended by {number.name}")
        if ended.code >= 0:
            self._nothing_left()
        subject.reset()

    def recover(self, *, by_abort: bool) -> None:
        """Check that one `--abort`, or the same command again, restores the old state or completes the new one."""
        subject = self.subject
        ended = subject.abort() if by_abort or subject.phase == ABORT else subject.run()
        found = subject.state()
        if subject.phase == ABORT:
            self._is(found, subject.begin, ended.said)
        elif by_abort and ended.code == _REFUSED:  # there is nothing to take back
            wanted = [subject.end] if subject.phase == CONTINUE else [subject.begin, subject.end]
            assert found in wanted, f"not as before nor as after: {wanted[-1].difference(found)}; {ended.said}"
        elif by_abort:
            self._is(found, subject.begin, ended.said)
        else:  # refused where all was done, or where conflicts wait already
            self._is(found, subject.end, ended.said)
        assert ended.code in {0, subject.code, _REFUSED}, ended
        self._count(f"recovered by {'--abort' if by_abort else 'the same again'}")
        self._nothing_left()
        subject.reset()

    def _nothing_left(self) -> None:
        if self.subject.phase == "update":
            self.subject.nothing_left()

    def _count(self, what: str) -> None:
        self.told[f"{self.subject.command[0]} {self.subject.phase}: {what}"] += 1

    @staticmethod
    def _is(found: State, expected: State, said: str = "") -> None:
        assert found == expected, f"another than it should be: {expected.difference(found)}; {said}"
