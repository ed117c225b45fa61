"""Rows that others change: the next run of any kind looks at them (docs/rules.md D16)."""

import subprocess

from support import SystemTest, guid, main, user, wait_until

NOTES = "SELECT count(*) FROM contoso.sync_touched"
TRIGGERS = "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'contoso.systemuser'::regclass AND tgname LIKE 'dvsync_note_%'"


def row(number):
    return f"azureactivedirectoryobjectid = '{guid(number)}'"


class TouchedRows(SystemTest):
    def filled(self, users=6, **settings):
        tenant = self.tenant({"name": "contoso", "type": "production", "schema": "contoso", **settings}).migrate()
        tenant.sync([user(n) for n in range(users)])
        return tenant

    def test_dvsync_itself_notes_nothing(self):
        tenant = self.filled()
        self.assertEqual(tenant.value(TRIGGERS), "3")
        tenant.sync([user(n, jobTitle="Head", accountEnabled=n > 0) for n in range(6)])
        tenant.run("user", "disable", "user2@contoso.example")
        tenant.run("user", "set-access-mode", "non-interactive", "user3@contoso.example")
        self.assertEqual(tenant.value(NOTES), "0")

    def test_a_leaver_who_is_opened_is_closed(self):
        tenant = self.filled()
        lines = [user(n, accountEnabled=n > 0) for n in range(6)]
        tenant.sync(lines)
        self.assertEqual(tenant.state(0), "account_disabled")
        tenant.sql(f"UPDATE contoso.systemuser SET isdisabled = false, disabledreason = NULL WHERE {row(0)}")
        explained = tenant.json("explain", guid(0))["environments"][0]
        self.assertEqual((explained["decision"], explained["waits_for_full"]), ("disable", False))
        status = tenant.json("status", expect=None)["environments"][0]
        self.assertEqual((status["rows_watched"], status["rows_touched"]), (True, 1))
        tenant.sync(lines)
        self.assertEqual((tenant.last_run()["kind"], tenant.last_run()["seen"]), ("incremental", 1))
        self.assertEqual(tenant.state(0), "account_disabled")
        self.assertEqual(tenant.value(NOTES), "0")
        tenant.sync(lines)
        self.assertEqual(tenant.last_run()["seen"], 0)

    def test_what_the_directory_owns_is_set_right(self):
        tenant = self.filled()
        lines = [user(n) for n in range(6)]
        tenant.sql(f"UPDATE contoso.systemuser SET jobtitle = 'King' WHERE {row(1)}")
        tenant.sql(f"DELETE FROM contoso.systemuser WHERE {row(2)}")
        tenant.sql(f"UPDATE contoso.systemuser SET azureactivedirectoryobjectid = '{guid(77)}' WHERE {row(3)}")
        tenant.sql("INSERT INTO contoso.systemuser (systemuserid, domainname, azureactivedirectoryobjectid) "
                   f"VALUES (gen_random_uuid(), 'nobody@contoso.example', '{guid(78)}')")
        tenant.sync(lines)
        self.assertEqual(tenant.last_run()["kind"], "incremental")
        self.assertEqual((tenant.row(1)["jobtitle"], *(tenant.state(n) for n in (2, 3, 77, 78))),
                         (None, "E", "E", "not_in_directory", "not_in_directory"))

    def test_losing_mode_4_is_judged_at_once(self):
        tenant = self.filled()
        lines = [user(n, **({"assignedPlans": []} if n == 1 else {})) for n in range(6)]
        tenant.run("user", "set-access-mode", "non-interactive", "user1@contoso.example")
        tenant.sync(lines)
        self.assertEqual(tenant.state(1), "E")
        tenant.sql(f"UPDATE contoso.systemuser SET accessmode = 0 WHERE {row(1)}")
        tenant.sync(lines)
        self.assertEqual((tenant.last_run()["kind"], tenant.state(1)), ("incremental", "no_license"))

    def test_other_columns_and_unchanged_values_are_not_noted(self):
        tenant = self.filled()
        tenant.sql("ALTER TABLE contoso.systemuser ADD COLUMN cr_badge text")
        tenant.sql("UPDATE contoso.systemuser SET cr_badge = 'x', jobtitle = jobtitle, modifiedon = now(), personalemailaddress = 'a'")
        self.assertEqual(tenant.value(NOTES), "0")

    def test_whoever_may_write_systemuser_is_noted_and_not_stopped(self):
        tenant = self.filled()
        tenant.sql("CREATE ROLE clerk LOGIN")
        tenant.sql("GRANT USAGE ON SCHEMA contoso TO clerk; GRANT SELECT, UPDATE ON contoso.systemuser TO clerk")
        tenant.sql("UPDATE contoso.systemuser SET jobtitle = 'x'", user="clerk")
        self.assertEqual(tenant.value(NOTES), "6")
        tenant.sql("DELETE FROM contoso.sync_touched; ALTER TABLE contoso.systemuser DROP COLUMN address1_fax")
        tenant.sql("UPDATE contoso.systemuser SET jobtitle = 'y'", user="clerk")  # nobody can note it, and it goes through
        self.assertEqual(tenant.value(NOTES), "0")

    def test_a_note_that_is_committed_late_is_not_lost(self):
        tenant = self.filled()
        title = tenant.value(f"SELECT jobtitle FROM contoso.systemuser WHERE {row(1)}")
        slow = subprocess.Popen([f"{self.postgres.bin}/psql", "-X", "-q", "-d", self.postgres.conninfo(tenant.database)],
                                stdin=subprocess.PIPE, text=True)
        slow.stdin.write(f"BEGIN; UPDATE contoso.systemuser SET jobtitle = 'x' WHERE {row(1)};\n")
        slow.stdin.flush()
        wait_until(lambda: tenant.value("SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction' AND query LIKE "
                                        "'UPDATE contoso.systemuser%' AND datname = current_database()") == "1")
        tenant.sql(f"UPDATE contoso.systemuser SET jobtitle = 'x' WHERE {row(2)}")
        tenant.sync()
        self.assertEqual(tenant.value(NOTES), "0")
        slow.communicate("COMMIT;\n")
        self.assertEqual(tenant.sql("SELECT object_id FROM contoso.sync_touched"), [[guid(1)]])
        tenant.sync()
        self.assertEqual(tenant.value(f"SELECT jobtitle FROM contoso.systemuser WHERE {row(1)}"), title)
        self.assertEqual(tenant.value(NOTES), "0")

    def test_very_many_are_a_full_run(self):
        tenant = self.filled(1)
        tenant.sql("INSERT INTO contoso.sync_touched (object_id) SELECT gen_random_uuid() FROM generate_series(1, 50001)")
        done = tenant.sync()
        self.assertIn("others changed very many rows", done.stdout + done.stderr)
        self.assertEqual((tenant.last_run()["kind"], tenant.value(NOTES)), ("full", "0"))

    def test_a_statement_notes_no_more_than_a_run_looks_at_one_by_one(self):
        tenant = self.filled(1)
        tenant.sql("INSERT INTO contoso.systemuser (systemuserid, domainname, azureactivedirectoryobjectid) "
                   "SELECT gen_random_uuid(), 'n' || n, gen_random_uuid() FROM generate_series(1, 60000) n")
        self.assertEqual(tenant.value(NOTES), "50001")
        tenant.sql("DELETE FROM contoso.sync_touched")
        tenant.sql("UPDATE contoso.systemuser SET jobtitle = 'x'")
        self.assertEqual(tenant.value(NOTES), "50001")

    def test_one_that_changed_among_very_many_that_did_not_is_noted(self):
        tenant = self.filled(1)
        tenant.sql("INSERT INTO contoso.systemuser (systemuserid, domainname, azureactivedirectoryobjectid) "
                   "SELECT gen_random_uuid(), 'n' || n, gen_random_uuid() FROM generate_series(1, 60000) n")
        tenant.sql("DELETE FROM contoso.sync_touched")
        tenant.sql("UPDATE contoso.systemuser SET middlename = 'x', jobtitle = CASE WHEN domainname = 'n60000' THEN 'Head' ELSE jobtitle END")
        self.assertEqual(tenant.value("SELECT domainname FROM contoso.sync_touched t JOIN contoso.systemuser u "
                                      "ON u.azureactivedirectoryobjectid = t.object_id"), "n60000")
        self.assertEqual(tenant.value(NOTES), "1")

    def test_once_very_many_wait_a_statement_notes_only_that_it_was_there(self):
        tenant = self.filled()
        tenant.sql("INSERT INTO contoso.sync_touched (object_id) SELECT gen_random_uuid() FROM generate_series(1, 50002)")
        waiting = int(tenant.value(NOTES))
        for title in ("a", "b", "c"):
            tenant.sql(f"UPDATE contoso.systemuser SET jobtitle = '{title}'")
        self.assertEqual(int(tenant.value(NOTES)), waiting + 3)
        tenant.sql(f"UPDATE contoso.systemuser SET jobtitle = 'd' WHERE {row(1)}")
        self.assertEqual(tenant.value(f"SELECT count(*) FROM contoso.sync_touched WHERE object_id = '{guid(1)}'"), "1")
        # Notes of a transaction that was not committed when a run counted are all that is left, and say enough.
        tenant.sql("DELETE FROM contoso.sync_touched WHERE object_id <> '00000000-0000-0000-0000-000000000000'")
        tenant.sync()
        self.assertEqual((tenant.last_run()["kind"], tenant.row(5)["jobtitle"], tenant.value(NOTES)), ("full", None, "0"))
        tenant.sync()
        self.assertEqual(tenant.last_run()["kind"], "incremental")

    def test_a_cut_off_run_leaves_the_notes(self):
        tenant = self.filled()
        tenant.sql(f"UPDATE contoso.systemuser SET jobtitle = 'x' WHERE {row(1)}")
        tenant.sql("REVOKE ALL ON contoso.sync_batch FROM PUBLIC; ALTER TABLE contoso.sync_batch RENAME TO away")
        tenant.sync(expect=None, unplanned="its log is not there")
        tenant.sql("ALTER TABLE contoso.away RENAME TO sync_batch")
        self.assertEqual(tenant.value(NOTES), "1")
        tenant.sync()
        self.assertEqual((tenant.row(1)["jobtitle"], tenant.value(NOTES)), (None, "0"))

    def test_without_triggers_it_is_said(self):
        tenant = self.filled(watch_rows="off")
        self.assertEqual(tenant.value(TRIGGERS), "0")
        tenant.sql(f"UPDATE contoso.systemuser SET jobtitle = 'King' WHERE {row(1)}")
        self.assertIn("no trigger notes rows that others change", tenant.run("check").stdout)
        self.assertIn("wait for the next full run", tenant.run("status", expect=None).stdout)
        self.assertTrue(tenant.json("explain", guid(1))["environments"][0]["waits_for_full"])
        self.assertIn("The next full sync will update the row", tenant.run("explain", guid(1)).stdout)
        tenant.sync()
        self.assertEqual(tenant.row(1)["jobtitle"], "King")
        tenant.sync(None, "--full")
        self.assertEqual(tenant.row(1)["jobtitle"], None)

    def test_a_foreign_table_is_watched_where_that_is_asked_for(self):
        tenant = self.tenant()
        tenant.sql("CREATE SCHEMA contoso")
        made = self.filled()
        columns = made.sql("SELECT string_agg(format('%I %s', attname, format_type(atttypid, atttypmod)), ', ' ORDER BY attnum) "
                           "FROM pg_attribute WHERE attrelid = 'contoso.systemuser'::regclass AND attnum > 0")[0][0]
        tenant.sql(f"CREATE TABLE contoso.systemuser ({columns})")
        tenant.migrate()
        self.assertEqual(tenant.value(TRIGGERS), "0")
        for watch, triggers in (("on", "3"), ("on", "3"), ("off", "0"), ("auto", "0")):
            tenant.environments[0]["watch_rows"] = watch
            tenant.configure()
            tenant.migrate()
            self.assertEqual(tenant.value(TRIGGERS), triggers, watch)


if __name__ == "__main__":
    main()
