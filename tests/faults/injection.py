"""One call of one function fails, once, in a run of the real binary. The run may fail. It may not crash, hang, or say that
all went well when it did not; and the plain run after it leaves the rows and the log that an undisturbed run leaves."""

import collections
import functools
import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))
from functions import FUNCTIONS
from scenarios import SCENARIOS
from support import DVSYNC, Postgres

SHIM = os.environ.get("DVSYNC_FAULT_SHIM", "build/plain/tests/libfault_shim.so")


def spread(faults, most):
    """At most so many of them."""
    if not most or len(faults) <= most:
        return faults
    return [faults[i * (len(faults) - 1) // max(most - 1, 1)] for i in range(most)]


def calls_to_try(function, count):
    """Of the calls that one stack makes: the first, the second and the last. Memory is asked for from so many that one does."""
    return [1] if function == "malloc" else sorted({1, min(2, count), count})


class Injector:
    """Runs a scenario with faults, and counts."""

    def __init__(self, scenario, say=functools.partial(print, flush=True), tried=()):
        """`tried`: faults of scenarios before, which are not tried again: the same call by the same callers."""
        self.scenario, self.say, self.tried = scenario, say, tried
        self.codes = collections.Counter()  # (function, exit code) → how often
        self.unmet = collections.Counter()  # function → how often the call was not made this time
        self.wrong = []
        self.stacks = None

    def faulty_run(self, **wishes):
        """Exit code, what was said, and the lines of the report."""
        report = os.path.join(self.scenario.tenant.folder, "report")
        code, said = self.scenario.run({"LD_PRELOAD": SHIM, "DVSYNC_FAULT_REPORT": report, **wishes})
        if not os.path.exists(report):
            raise AssertionError(f"{SHIM} did not work: {said}")
        with open(report, encoding="ascii", errors="replace") as file:
            return code, said, file.read().splitlines()

    def look_around(self):
        """Which functions are called, with which stacks, and how often with each."""
        code, said, lines = self.faulty_run(DVSYNC_FAULT_STACKS="1")
        self.scenario.restore()
        if code != 0:
            raise AssertionError(f"{self.scenario.name} ended with {code} without a fault: {said}")
        self.stacks = collections.defaultdict(dict)
        for _, function, stack, calls in (line.split() for line in lines if line.startswith("stack ")):
            self.stacks[function][stack] = int(calls, 16)

    def faults(self, function):
        """All there are to be tried."""
        if self.stacks is None:
            self.look_around()
        every = (f"{function}@{stack}:{call}:{outcome}" for outcome in FUNCTIONS[function]
                 for stack, count in sorted(self.stacks[function].items()) for call in calls_to_try(function, count))
        return [fault for fault in every if fault not in self.tried]

    def attempt(self, fault, once_more=True):
        function = fault.split("@")[0]
        code, said, lines = self.faulty_run(DVSYNC_FAULT=fault)
        injected = any(line.startswith("injected ") for line in lines)
        if injected and code is None and once_more:  # a busy machine?
            self.scenario.restore()
            return self.attempt(fault, once_more=False)
        wrong = self.scenario.check(function, code, said) if injected else None
        if injected:
            self.codes[function, code] += 1
        else:
            self.unmet[function] += 1
        if wrong:
            self.wrong.append((fault, wrong))
            self.say(f"{self.scenario.name}: {fault}: {wrong}\n{said.strip()[-2000:]}\n{self.places(lines)}\n")
        self.scenario.restore()

    def every_call(self, function, most=None):
        """What was tried."""
        faults = spread(self.faults(function), most)
        for fault in faults: self.attempt(fault)
        return faults

    def places(self, lines):
        """Where the call came from, in words."""
        modules = {int(line.split()[1], 16): line.split()[2] for line in lines if line.startswith("module ") and len(line.split()) > 2}
        places = [(int(place, 16) >> 40, int(place, 16) & ((1 << 40) - 1))
                  for place in next((line.split()[2:] for line in lines if line.startswith("injected ")), [])]
        names = {}
        for module in {module for module, _ in places}:
            offsets = [offset for found, offset in places if found == module]
            file = DVSYNC if module == 1 else modules.get(module, "?")
            done = subprocess.run(["addr2line", "-sfCe", file, *(hex(offset - 1) for offset in offsets)], capture_output=True, text=True)
            told = done.stdout.splitlines()
            names.update({(module, offset): f"    {function} at {line}  ({os.path.basename(file)})"
                          for offset, function, line in zip(offsets, told[::2], told[1::2])})
        return "\n".join(names.get(place, f"    {place[1]:#x}") for place in places)

    def table(self):
        lines = []
        for function in sorted({function for function, _ in self.codes}):
            codes = {code: n for (name, code), n in self.codes.items() if name == function}
            what = ", ".join(f"{code}: {n}" for code, n in sorted(codes.items(), key=lambda item: -item[1]))
            unmet = f", not met: {self.unmet[function]}" if self.unmet[function] else ""
            lines.append(f"{self.scenario.name:10} {function:22} {sum(codes.values()):6}   {what}{unmet}")
        return "\n".join(lines)


def sweep(postgres, scenario, functions, most, tried):
    injector = Injector(SCENARIOS[scenario](postgres), tried=tried)
    try:
        for function in functions:
            tried.update(injector.every_call(function, most))
            print(f"{scenario}: {function}", file=sys.stderr, flush=True)
    finally:
        print(injector.table(), flush=True)
        injector.scenario.close()
    return injector


def main(arguments):
    """[--in SCENARIO,…] [--most N] [FUNCTION…]"""
    chosen, most, functions = list(SCENARIOS), None, []
    arguments = list(arguments)
    while arguments:
        argument = arguments.pop(0)
        if argument == "--in":
            chosen = arguments.pop(0).split(",")
        elif argument == "--most":
            most = int(arguments.pop(0))
        else:
            functions.append(argument)
    unknown = [name for name in functions if name not in FUNCTIONS] + [name for name in chosen if name not in SCENARIOS]
    if unknown:
        sys.exit(f"there is no {unknown[0]}; functions: {' '.join(FUNCTIONS)}; scenarios: {', '.join(SCENARIOS)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    postgres = Postgres()
    try:
        tried = set()
        swept = [sweep(postgres, name, functions or FUNCTIONS, most, tried) for name in chosen]
    finally:
        postgres.close()
    total, wrong = sum(sum(one.codes.values()) for one in swept), sum(len(one.wrong) for one in swept)
    print(f"{total} faults injected, {wrong} times something was wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
