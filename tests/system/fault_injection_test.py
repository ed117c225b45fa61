"""A sample of what scripts/faults does: one call fails, anywhere, and nothing is lost, doubled or kept silent."""

import errno
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "faults"))
import injection
from support import SystemTest, main

SEED = int(os.environ.get("DVSYNC_SEED", 1))  # the same sample everywhere; scripts/faults tries the others


class OneCallFails(SystemTest):
    """At calls drawn by the seed."""

    def setUp(self):
        print(f"seed {SEED}", file=sys.stderr)
        self.random = random.Random(SEED)

    def fail_one_call_of(self, injector, functions):
        for function in functions:
            call = self.random.randint(1, injector.count(function))
            injector.attempt(f"{function}:{call}:{self.random.choice(injection.FUNCTIONS[function])}")

    def test_of_a_run(self):
        injector = injection.Injector(injection.Scenario(self.postgres))
        called = [function for function in injection.FUNCTIONS if injector.count(function)]
        self.assertGreater(len(called), 20)
        self.fail_one_call_of(injector, self.random.sample(called, 12))
        for stack in self.random.sample(injector.stacks(), 6):
            injector.attempt(f"malloc@{stack}")
        self.assertEqual(injector.wrong, [])
        self.assertGreater(sum(injector.codes.values()), 12)

    def test_of_the_daemon(self):
        injector = injection.Injector(injection.Daemon(self.postgres))
        self.fail_one_call_of(injector, ("rename", "write", "fchmod"))
        for thread in self.random.sample(range(1, injector.count("pthread_create") + 1), 3):
            injector.attempt(f"pthread_create:{thread}:{errno.EAGAIN}")
        self.assertEqual(injector.wrong, [])


if __name__ == "__main__":
    main()
