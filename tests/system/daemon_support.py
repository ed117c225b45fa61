"""What the tests of the daemon share: `dvsync run` with what it says."""

import os
import signal
import subprocess
import threading

from support import SystemTest, user, wait_until


class Daemon:
    """`dvsync run`, with what it says."""

    def __init__(self, tenant, group=None, **environment):
        self.tenant = tenant
        self.lines = []
        command = tenant.command("run")
        self.process = subprocess.Popen(group.command(*command) if group else command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                        env={**os.environ, **environment})
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def says(self, *words):
        return [line for line in self.lines if all(word in line for word in words)]

    def wait_for(self, *words, count=1):
        try:
            wait_until(lambda: len(self.says(*words)) >= count or self.process.poll() is not None)
            assert len(self.says(*words)) >= count
        except AssertionError:
            raise AssertionError(f"never said {words} {count} times:\n" + "\n".join(self.lines)) from None
        return self.says(*words)[-1]

    def send(self, number):
        self.process.send_signal(number)

    def stop(self, expect=0):
        self.send(signal.SIGTERM)
        return self.ended(expect)

    def ended(self, expect=0):
        code = self.process.wait(timeout=60)
        self.reader.join()
        assert code == expect, f"ended with {code}, not {expect}:\n" + "\n".join(self.lines)
        return "\n".join(self.lines)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stdout.close()


class DaemonTest(SystemTest):
    schedule = {"every": "1h", "full_every": "24h", "jitter": "0s"}

    def prepared(self, users=3, **schedule):
        tenant = self.tenant()
        tenant.settings["schedule"] = {**self.schedule, **schedule}
        tenant.configure()
        tenant.migrate()
        tenant.write([user(n) for n in range(users)])
        return tenant

    def daemon(self, tenant, group=None, **environment):
        daemon = Daemon(tenant, group, **environment)
        self.addCleanup(daemon.close)
        return daemon

    def runs(self, tenant, where="true"):
        return int(tenant.value(f"SELECT count(*) FROM contoso.sync_run WHERE outcome IS NOT NULL AND {where}"))

    def wait_for_runs(self, tenant, number, where="true"):
        wait_until(lambda: self.runs(tenant, where) >= number, what=f"{number} runs")
