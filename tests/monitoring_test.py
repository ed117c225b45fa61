"""The alert rules and the dashboard of monitoring/: they hold, and they ask for what dvsync tells."""

import json
import os
import re
import shutil
import subprocess
import unittest

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
MONITORING = os.path.join(ROOT, "monitoring")


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


def metrics_in(text):
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in re.findall(r"\bdvsync_[a-z0-9_]+", text)}


class Monitoring(unittest.TestCase):
    def test_the_rules_hold(self):
        promtool = shutil.which("promtool")
        if promtool is None and not os.environ.get("CI"):
            self.skipTest("promtool is not installed (package prometheus)")
        for arguments in (["check", "rules", "alerts.yml"], ["test", "rules", "alerts_test.yml"]):
            done = subprocess.run([promtool, *arguments], cwd=MONITORING, capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_every_metric_that_is_asked_for_is_told(self):
        told = metrics_in(read("src", "service", "metrics.cpp"))
        for file in ("alerts.yml", "grafana.json"):
            asked = metrics_in(read("monitoring", file))
            self.assertTrue(asked)
            self.assertLessEqual(asked, told, file)

    def test_every_alert_has_a_test_and_says_what_to_do(self):
        rules = read("monitoring", "alerts.yml")
        alerts = re.findall(r"alert: (\w+)", rules)
        tests = read("monitoring", "alerts_test.yml")
        for alert in alerts:
            self.assertRegex(tests, rf"alertname: {alert}\n")
        self.assertEqual(len(re.findall(r"description: .*(?:`dvsync|`systemctl)", rules)), len(alerts))

    def test_the_dashboard_is_json_and_asks_each_panel_for_something(self):
        for panel in json.loads(read("monitoring", "grafana.json"))["panels"]:
            self.assertTrue(all(target["expr"] for target in panel["targets"]), panel["title"])
            self.assertLessEqual(panel["gridPos"]["x"] + panel["gridPos"]["w"], 24)


if __name__ == "__main__":
    unittest.main(verbosity=2)
