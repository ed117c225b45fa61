"""A sample of what scripts/faults does: one call fails, anywhere, and nothing is lost, doubled or kept silent."""

import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "faults"))
import injection
import scenarios
from support import SystemTest, main

SEED = int(os.environ.get("DVSYNC_SEED", 1))  # the same sample everywhere; scripts/faults tries the others


class OneCallFails(SystemTest):
    """At calls drawn by the seed."""

    def setUp(self):
        print(f"seed {SEED}", file=sys.stderr)
        self.random = random.Random(SEED)

    def injector(self, scenario):
        self.addCleanup(scenario.close)
        return injection.Injector(scenario)

    def attempt(self, injector, function, calls=1):
        for fault in self.random.sample(injector.faults(function), calls):
            injector.attempt(fault)

    def test_of_a_run(self):
        injector = self.injector(scenarios.Scenario(self.postgres))
        called = [function for function in injection.FUNCTIONS if injector.faults(function)]
        self.assertGreater(len(called), 20)
        for function in self.random.sample(called, 12):
            self.attempt(injector, function)
        self.attempt(injector, "malloc", 6)
        self.assertEqual(injector.wrong, [])
        self.assertGreater(sum(injector.codes.values()), 12)

    def test_of_the_daemon(self):
        injector = self.injector(scenarios.Daemon(self.postgres))
        for function in ("rename", "write", "fchmod"):
            self.attempt(injector, function)
        injector.every_call("pthread_create")  # of several threads the last one, once: those before it were waited for
        self.assertEqual(injector.wrong, [])


if __name__ == "__main__":
    main()
