"""Backups and failovers: whatever was restored to whichever moment, the next run brings every row in line.

A copy of a database stands for a backup, a clone, and a standby that was promoted before it had heard of the last
transactions: it holds what was committed at its moment, and nothing later.
"""

import os
import random

from support import FREE_PLAN, SystemTest, guid, main, user


class RestoreTest(SystemTest):
    def setUp(self):
        self.tenant_ = self.tenant({"name": "contoso", "type": "production", "schema": "contoso"})
        self.mirror = self.tenant_.database
        self.environment = self.mirror + "_env"
        self.postgres.sql(f'CREATE DATABASE "{self.environment}"', database="postgres")
        self.tenant_.environments[0]["connection"] = self.postgres.conninfo(self.environment)
        self.tenant_.settings["safety"] = {"max_disables": 1000, "max_disables_percent": 100}
        self.tenant_.configure()
        self.tenant_.migrate()

    def copy(self, database, name):
        self.postgres.sql(f'CREATE DATABASE "{name}" TEMPLATE "{database}"', database="postgres")
        return name

    def back_up(self, database, name="backup"):
        return self.copy(database, f"{database}_{name}")

    def restore(self, database, backup):
        self.postgres.sql(f'DROP DATABASE "{database}"', database="postgres")
        self.copy(backup, database)

    def sync(self, lines=None, *arguments, expect=0):
        return self.tenant_.sync(lines, *arguments, expect=expect)

    def rows(self, statement, database=None):
        return self.postgres.sql(statement, database=database or self.environment)

    def states(self, database=None):
        rows = self.rows("SELECT azureactivedirectoryobjectid, CASE WHEN isdisabled THEN disabledreason ELSE 'E' END, jobtitle "
                         "FROM contoso.systemuser", database)
        return {row[0]: (row[1], row[2]) for row in rows}

    def assert_in_line(self, lines, leavers=(), database=None):
        states = self.states(database)
        for line in lines:
            wanted = ("E" if line["accountEnabled"] else "account_disabled", line.get("jobTitle"))
            self.assertEqual(states.get(line["id"]), wanted, line["userPrincipalName"])
        for number in leavers:
            if guid(number) in states:
                self.assertEqual(states[guid(number)][0], "not_in_directory", number)

    def assert_noticed(self, done, *words):
        for text in words or ["one of them was restored"]:
            self.assertIn(text, done.stdout)
        warnings, kind = self.rows("SELECT array_to_string(warnings, ' '), kind FROM contoso.sync_run ORDER BY run_id DESC LIMIT 1")[0]
        self.assertIn("everybody was looked at", warnings or "")
        self.assertEqual(kind, "full")


class Restores(RestoreTest):
    def test_an_environment_older_than_the_tombstones_that_the_mirror_forgot(self):
        everybody = [user(n) for n in range(1, 9)]
        self.sync(everybody)
        backup = self.back_up(self.environment)
        self.sync(everybody[:5])  # three leave
        self.sync(everybody[:5])  # their tombstones are forgotten
        self.restore(self.environment, backup)
        self.assertEqual(self.states()[guid(7)][0], "E")
        done = self.sync(everybody[:5])
        self.assert_noticed(done)
        self.assert_in_line(everybody[:5], leavers=(6, 7, 8))
        self.assertIn("Nothing to do", self.sync().stdout)
        self.assertNotIn("restored", self.sync().stdout)

    def test_a_mirror_whose_version_numbers_come_twice(self):
        everybody = [user(n) for n in range(1, 9)]
        self.sync(everybody)
        backup = self.back_up(self.mirror)
        self.sync([user(n, jobTitle="Head") for n in range(1, 9)])
        self.restore(self.mirror, backup)
        now = [user(n, accountEnabled=n > 5) for n in range(1, 9)]
        done = self.sync(now)
        self.assertNotIn("Nothing to do", done.stdout)
        self.assert_noticed(done)
        self.assert_in_line(now)

    def test_a_mirror_that_went_back_further_than_one_pull(self):
        everybody = [user(n) for n in range(1, 9)]
        self.sync(everybody)
        backup = self.back_up(self.mirror)
        for title in "ABC":
            self.sync([user(n, jobTitle=title) for n in range(1, 9)])
        self.restore(self.mirror, backup)
        self.assert_noticed(self.sync(everybody[:4]), "the mirror is older than at the last run")
        self.assert_in_line(everybody[:4], leavers=(5, 6, 7, 8))

    def test_a_mirror_that_passes_the_watermark_before_the_environment_is_there_again(self):
        everybody = [user(n) for n in range(1, 9)]
        self.sync(everybody)
        backup = self.back_up(self.mirror)
        self.sync([user(n, jobTitle="A") for n in range(1, 9)])
        self.restore(self.mirror, backup)
        connection = self.tenant_.environments[0]["connection"]
        self.tenant_.environments[0]["connection"] = "host=/nowhere dbname=away"
        self.tenant_.configure()
        now = [user(n, accountEnabled=n > 2) for n in range(1, 9)]
        for _ in range(3):
            self.tenant_.write(now)
            self.tenant_.run("sync", expect=69)
        self.tenant_.environments[0]["connection"] = connection
        self.tenant_.configure()
        self.assert_noticed(self.sync(now))
        self.assert_in_line(now)

    def test_a_lost_mirror(self):
        everybody = [user(n) for n in range(1, 9)]
        self.sync(everybody)
        self.postgres.sql("DROP SCHEMA directory CASCADE", database=self.mirror)
        self.tenant_.migrate()
        self.assert_noticed(self.sync(everybody[:6]), "the mirror is another one")
        self.assert_in_line(everybody[:6], leavers=(7, 8))

    def test_both_to_different_moments(self):
        for older, newer in ((self.mirror, self.environment), (self.environment, self.mirror)):
            with self.subTest(older=older):
                everybody = [user(n) for n in range(1, 9)]
                self.sync(everybody)
                first = self.back_up(older)
                self.sync([user(n, jobTitle="A") for n in range(1, 7)])
                second = self.back_up(newer)
                self.sync([user(n, jobTitle="B") for n in range(1, 5)])
                self.restore(older, first)
                self.restore(newer, second)
                now = [user(n, accountEnabled=n != 2) for n in range(1, 5)]
                self.assert_noticed(self.sync(now), "everybody was looked at")
                self.assert_in_line(now, leavers=(5, 6, 7, 8))
                for name in (first, second):
                    self.postgres.sql(f'DROP DATABASE "{name}"', database="postgres")

    def test_a_clone_is_brought_in_line_whenever_it_joins(self):
        everybody = [user(n) for n in range(1, 9)]
        self.sync(everybody)
        clone = self.copy(self.environment, self.environment + "_clone")
        self.sync(everybody[:5])
        self.sync(everybody[:5])
        self.tenant_.environments.append({"name": "sandbox", "type": "production", "schema": "contoso",
                                          "connection": self.postgres.conninfo(clone)})
        self.tenant_.configure()
        self.assertIn("sandbox: everybody was looked at", self.sync(everybody[:5]).stdout)
        self.assert_in_line(everybody[:5], leavers=(6, 7, 8), database=clone)
        self.assertNotIn("restored", self.sync().stdout)

    def test_both_from_one_backup_need_no_more_than_the_changes(self):
        everybody = [user(n) for n in range(1, 9)]
        self.sync(everybody)
        backups = [(name, self.back_up(name)) for name in (self.mirror, self.environment)]
        self.sync(everybody[:5])
        for name, backup in backups:
            self.restore(name, backup)
        self.assertNotIn("everybody was looked at", self.sync(everybody[:5]).stdout)
        self.assert_in_line(everybody[:5], leavers=(6, 7, 8))

    def test_a_clock_that_went_back(self):
        self.sync([user(1), user(2)])
        self.rows("UPDATE contoso.sync_state SET evaluated_at = now() + interval '1 year'")
        self.assertIn("the mirror's clock went back", self.sync([user(1)]).stdout)
        self.assertNotIn("clock", self.sync([user(1)]).stdout)

    def test_an_upgrade_looks_at_everybody_once(self):
        self.sync([user(1), user(2)])
        self.rows("UPDATE contoso.sync_state SET watermark_mark = NULL")
        self.assertIn("by an older version of dvsync", self.sync([user(1)]).stdout)
        self.assertIn("nothing new", self.sync([user(1)]).stdout)

    def test_status_does_not_call_a_restored_environment_in_line(self):
        everybody = [user(n) for n in range(1, 9)]
        self.sync(everybody)
        backup = self.back_up(self.environment)
        self.sync(everybody[:5])
        self.restore(self.environment, backup)
        status = self.tenant_.json("status")["environments"][0]
        self.assertEqual((status["watermark"], status["behind"]), (None, 5))

    def test_the_history_stays_small(self):
        for title in range(12):
            self.sync([user(n, jobTitle=str(title)) for n in range(3)])
        self.assertEqual(self.rows("SELECT count(*) FROM directory.version_history", self.mirror), [["1"]])

    def test_anything_restored_to_any_moment(self):
        seed = int(os.environ.get("SEED", random.randrange(10**6)))
        print(f"seed {seed}", flush=True)
        dice = random.Random(seed)
        people = {n: user(n, **dice.choice([{}, FREE_PLAN])) for n in range(1, 9)}
        backups = {self.mirror: [], self.environment: []}
        ever = set(people)
        for step in range(25):
            self.sync(list(people.values()))
            self.assert_in_line([p for p in people.values() if p["id"] in self.states()],
                                leavers=ever - set(people))
            for _ in range(dice.randrange(1, 4)):
                number = dice.randrange(1, 12)
                if number in people and dice.random() < 0.4 and len(people) > 2:
                    del people[number]
                else:
                    people[number] = user(number, accountEnabled=dice.random() < 0.7, jobTitle=dice.choice(["A", "B", None]))
                    ever.add(number)
            database = dice.choice([self.mirror, self.environment])
            if dice.random() < 0.5:
                backups[database].append(self.back_up(database, f"b{step}"))
            elif backups[database]:
                self.restore(database, dice.choice(backups[database]))




if __name__ == "__main__":
    main()
