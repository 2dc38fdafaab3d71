"""Contestants as processes."""

import contextlib
import json
import os
import select
import statistics
import subprocess
import time

# No request takes so long that is not stuck.
PATIENCE = 900


class Failure(Exception):
    """What a contestant cannot do, in its own words."""


class Contestant:
    """A process that has loaded a case, and answers requests; it sleeps while others are asked."""

    def __init__(self, name, command):
        self.name = name
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def wait_until_ready(self):
        self._answer()

    def ask(self, mode, batch, count):
        try:
            self.process.stdin.write(f"{mode} {batch} {count}\n".encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            raise Failure("the process has ended") from None
        return self._answer()

    def seconds_per_sample(self, mode, batch, count):
        """On a busy machine the short run can take longer than the long one: that is measured again."""
        for _ in range(3):
            seconds = self.ask(mode, batch, count)["seconds_per_sample"]
            if seconds > 0:
                return seconds
        raise Failure("no time could be measured; is the machine busy?")

    def _answer(self):
        ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
        if not ready:
            self.process.kill()
            raise Failure(f"no answer in {PATIENCE} s")
        line = self.process.stdout.readline()
        if not line:
            raise Failure("the process has ended")
        answer = json.loads(line)
        if "error" in answer:
            raise Failure(answer["error"])
        return answer

    def close(self):
        """Lets the process end by itself, and tells the most memory that it had, in MB."""
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.stdout.close()
        _, _, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = 0
        return peak(usage)


def peak(usage):
    # In kilobytes on Linux, in bytes on macOS. A process begins with the peak of the one that started
    # it, this one, which therefore imports no large module.
    return usage.ru_maxrss / (1024 if os.uname().sysname == "Linux" else 1 << 20)


def run(command, environment=None):
    """The seconds of a whole process and the most memory that it had, in MB."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | (environment or {}),
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise Failure(f"{os.path.basename(command[0])} ends with {process.returncode}")
    return seconds, peak(usage)


def alternate(rounds, contestants):
    """Runs functions by name in turn, A B C A B C, and gives the figures of each by round. A function that
    fails has none, and its failure stands in the second result."""
    found = {name: [] for name in contestants}
    failures = {}
    for _ in range(rounds):
        for name, measure in contestants.items():
            if name in failures:
                continue
            try:
                found[name].append(measure())
            except Failure as failure:
                failures[name] = str(failure)
    return {name: f for name, f in found.items() if name not in failures}, failures


def fastest(found):
    """The peer with the least median."""
    peers = [name for name in found if name != "keratin"]
    return min(peers, key=lambda name: statistics.median(found[name]), default="")


def ratios(found, peer):
    """How many times Keratin's figure the peer's is, round by round."""
    return [there / here for there, here in zip(found[peer], found["keratin"])]


def medians(found, scale=1.0):
    return {name: statistics.median(figures) * scale for name, figures in found.items()}
