"""Where the benchmarks run, and with what."""

import importlib.metadata
import os
import platform
import subprocess
import sys
from dataclasses import dataclass

THREADS = 2


@dataclass(frozen=True)
class Setting:
    """binaries has Keratin's programs, cases the models. A contest has so many rounds, and each contestant
    is measured for so many seconds in a round."""

    binaries: str
    cases: str
    quick: bool

    @property
    def rounds(self):
        return 3 if self.quick else 5

    @property
    def seconds(self):
        return 0.3 if self.quick else 0.8

    def folder(self, case):
        """The case's folder, which is made where it is missing."""
        folder = os.path.join(self.cases, case)
        maker, stamp = script("cases.py"), f"{folder}/made"
        if not os.path.exists(stamp) or os.path.getmtime(stamp) < os.path.getmtime(maker):
            command = [sys.executable, maker, self.cases, case]
            made = subprocess.run(command, capture_output=True, text=True)
            if made.returncode:
                sys.exit(f"The case {case} could not be made:\n{made.stderr[-2000:]}")
            open(stamp, "w").close()
        return folder

    def program(self, name):
        return os.path.join(self.binaries, name)

    def keratin(self, case):
        return [self.program("contestant"), self.folder(case)]

    def peer(self, name, case):
        return [sys.executable, script("contestant.py"), name, self.folder(case)]


def script(name):
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), name)


def share_cores():
    """Two cores for everyone: processes that are started from here inherit it."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])
    for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"):
        os.environ[name] = str(THREADS)
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"


def description():
    """The machine and the versions."""
    packages = ["keras", "tensorflow-cpu", "jax", "onnxruntime", "numpy"]
    return {
        "machine": _machine(),
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in packages},
        "h5dump": _first_line("h5dump", "--version").split()[-1],
        "swift": _first_line("swift", "--version").split(" (")[0].split()[-1],
        "keratin": _first_line("git", "describe", "--always", "--dirty"),
    }


def _machine():
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    model, flags = platform.processor(), []
    if os.path.exists("/proc/cpuinfo"):
        facts = dict(
            line.rstrip("\n").replace("\t", "").split(": ", 1)
            for line in open("/proc/cpuinfo")
            if ": " in line
        )
        model, flags = facts.get("model name", model), facts.get("flags", "").split()
    sets = [flag for flag in ("avx2", "fma", "avx512f", "avx512_bf16", "amx_bf16") if flag in flags]
    return (
        f"{cores} of {os.cpu_count()} cores, {model} ({' '.join(sets)}), {memory:.0f} GB, "
        f"{platform.system()} {platform.release()}, load {os.getloadavg()[0]:.1f} at the start"
    )


def _first_line(*command):
    try:
        found = subprocess.run(command, capture_output=True, text=True).stdout
    except OSError:
        return "missing"
    return found.partition("\n")[0] or "missing"
