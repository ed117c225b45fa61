"""What the benchmarks of the directory adapters share: a measured command, and the table of results."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tests", "system"))

POSTGRES = ("fsync=on", "full_page_writes=on", "shared_buffers=512MB", "max_wal_size=8GB", "checkpoint_timeout=30min")
NO_GUARD = {"max_disables": 10**7, "max_disables_percent": 100}


def refuse_a_busy_machine():
    if os.getloadavg()[0] > 0.7 * os.cpu_count() and not os.environ.get("DVSYNC_BENCH_ANYWAY"):
        sys.exit(f"the load is {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores: what is measured now means nothing. "
                 "Try again when the machine is quiet, or set DVSYNC_BENCH_ANYWAY=1.")


class Measured:
    """A command that has run: wall time, its own processor time, peak memory, what it printed."""

    def __init__(self, command, expect=0, output=None, environment=None):
        with tempfile.TemporaryFile("w+") as captured, tempfile.TemporaryFile("w+") as errors:
            with open(output, "w", encoding="utf-8") if output else contextlib.nullcontext(captured) as out:
                begin = time.monotonic()
                process = subprocess.Popen(command, stdout=out, stderr=errors, env=environment)
                _, status, usage = os.wait4(process.pid, 0)
                self.seconds = time.monotonic() - begin
            process.returncode = self.status = os.waitstatus_to_exitcode(status)
            captured.seek(0)
            errors.seek(0)
            self.printed, complaints = captured.read(), errors.read()
        self.cpu = usage.ru_utime + usage.ru_stime
        self.mib = usage.ru_maxrss / 1024
        if expect is not None and self.status != expect:
            sys.exit(f"{' '.join(command)} ended with {self.status}\n{self.printed}\n{complaints}")

    @property
    def pull(self):
        """Of `dvsync sync --json`: what the pull says of itself."""
        return json.loads(self.printed)["pull"]


class Results:
    def __init__(self, name):
        self.name = name
        self.rows = []

    def add(self, case, measured, **more):
        self.rows.append({"case": case, "seconds": round(measured.seconds, 3), "cpu_seconds": round(measured.cpu, 3),
                          "peak_rss_mib": round(measured.mib, 1), **more})
        words = "  ".join(f"{key.replace('_', ' ')} {value}" for key, value in more.items())
        print(f"{case:52} {measured.seconds:8.2f} s wall {measured.cpu:7.2f} s own CPU {measured.mib:7.1f} MiB  {words}", flush=True)

    def save(self):
        folder = os.path.join(HERE, "results")
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, f"{self.name}.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"cores": os.cpu_count(), "results": self.rows}, file, indent=1)
        print(f"written to {os.path.relpath(path)}")
