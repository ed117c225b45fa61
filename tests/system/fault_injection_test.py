"""A sample of what scripts/faults does: one call fails, anywhere, and nothing is lost, doubled or kept silent."""

import errno
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "faults"))
import injection
from support import SystemTest, main

SEED = int(os.environ.get("DVSYNC_SEED", random.randrange(1 << 30)))


class OneCallFails(SystemTest):
    """Every function once, at a call drawn at random; the seed is printed."""

    def setUp(self):
        print(f"seed {SEED}", file=sys.stderr)
        self.random = random.Random(SEED)

    def injector(self, scenario):
        return injection.Injector(scenario(self.postgres))

    def one_of_each(self, injector, functions):
        for function in functions:
            if calls := injector.count(function):
                injector.attempt(f"{function}:{self.random.randint(1, calls)}:{self.random.choice(injection.FUNCTIONS[function])}")

    def test_of_a_run(self):
        injector = self.injector(injection.Scenario)
        self.one_of_each(injector, injection.FUNCTIONS)
        for stack in self.random.sample(injector.stacks(), 8):
            injector.attempt(f"malloc@{stack}")
        self.assertEqual(injector.wrong, [])
        self.assertGreater(sum(injector.codes.values()), 20)

    def test_of_the_daemon(self):
        injector = self.injector(injection.Daemon)
        self.one_of_each(injector, ("rename", "write", "open", "unlink", "fchmod", "timerfd_settime", "eventfd"))
        for thread in range(1, injector.count("pthread_create") + 1):
            injector.attempt(f"pthread_create:{thread}:{errno.EAGAIN}")
        self.assertEqual(injector.wrong, [])
        self.assertGreater(sum(injector.codes.values()), 5)


if __name__ == "__main__":
    main()
