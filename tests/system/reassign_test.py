"""dvsync user reassign: the records that a row owns, given to another row (docs/rules.md D21)."""

import contextlib
import os
import pty
import signal
import subprocess

from support import SystemTest, guid, main, user, wait_until
from user_test import ME, stub

UNIT = "22e1d5a0-0000-4000-8000-000000000003"
TABLES = """
CREATE TABLE contoso.account (accountid uuid PRIMARY KEY DEFAULT gen_random_uuid(), ownerid uuid NOT NULL, owninguser uuid,
  owningteam uuid, owningbusinessunit uuid, modifiedon timestamptz, modifiedby uuid);
CREATE TABLE contoso."Odd Name" (id serial PRIMARY KEY, ownerid uuid NOT NULL, owninguser uuid);
CREATE TABLE contoso.setting (id serial PRIMARY KEY, ownerid uuid NOT NULL);
CREATE TABLE contoso.note (ownerid text, owninguser text);
"""


class Reassign(SystemTest):
    def owning(self, accounts=25, odd=3):
        """A tenant whose stub has the user name of user 1, and owns records."""
        tenant = self.tenant().migrate()
        tenant.sync([user(n) for n in range(3)])
        tenant.sql(TABLES)
        tenant.sql(f"UPDATE contoso.systemuser SET businessunitid = '{UNIT}'")
        tenant.stub = stub(tenant, "user1@contoso.example")
        tenant.real = tenant.row(1, columns="systemuserid")["systemuserid"]
        tenant.sql(f"INSERT INTO contoso.account (ownerid, owninguser) SELECT '{tenant.stub}', '{tenant.stub}' "
                   f"FROM generate_series(1, {accounts})")
        tenant.sql(f"INSERT INTO contoso.account (ownerid, owninguser) VALUES (gen_random_uuid(), gen_random_uuid())")
        tenant.sql(f"INSERT INTO contoso.\"Odd Name\" (ownerid, owninguser) SELECT '{tenant.stub}', '{tenant.stub}' "
                   f"FROM generate_series(1, {odd})")
        tenant.sql(f"INSERT INTO contoso.setting (ownerid) VALUES ('{tenant.stub}')")
        return tenant

    def owned(self, tenant, owner, table="account"):
        return int(tenant.value(f"SELECT count(*) FROM contoso.\"{table}\" WHERE ownerid = '{owner}' AND owninguser = '{owner}'"))

    def test_moves_every_user_owned_table_and_logs_who_did_it(self):
        tenant = self.owning()
        told = tenant.json("user", "reassign", tenant.stub, guid(1))["reassigned"][0]
        self.assertEqual((told["from"], told["to"], told["records"]), (tenant.stub, tenant.real, 28))
        self.assertEqual([(t["table"], t["records"], t["error"]) for t in told["tables"]],
                         [("Odd Name", 3, None), ("account", 25, None)])
        self.assertEqual((self.owned(tenant, tenant.real), self.owned(tenant, tenant.real, "Odd Name")), (25, 3))
        self.assertEqual(tenant.sql(f"SELECT DISTINCT owningteam, owningbusinessunit, modifiedon IS NOT NULL FROM contoso.account "
                                    f"WHERE ownerid = '{tenant.real}'"), [[None, UNIT, "t"]])
        self.assertEqual(tenant.value("SELECT ownerid FROM contoso.setting"), tenant.stub)  # nobody's own table
        log = tenant.sql("SELECT fields, notes, domainname FROM contoso.sync_change WHERE reason = 'records_reassigned' ORDER BY notes")
        self.assertEqual(log, [[f'{{"Odd Name": [3, "{tenant.real}"]}}', f'{{by:{ME},"records:Odd Name"}}', "user1@contoso.example"],
                               [f'{{"account": [25, "{tenant.real}"]}}', f"{{by:{ME},records:account}}", "user1@contoso.example"]])
        self.assertIn("records_reassigned", tenant.run("log", "--run", str(told["run_id"])).stdout)
        again = tenant.json("user", "reassign", tenant.stub, guid(1))["reassigned"][0]
        self.assertEqual((again["records"], again["run_id"]), (0, None))

    def test_counts_without_moving_and_moves_what_is_named(self):
        tenant = self.owning()
        done = tenant.run("user", "reassign", tenant.stub, guid(1), "--dry-run")
        self.assertIn("28 records to move", done.stdout)
        self.assertEqual(self.owned(tenant, tenant.stub), 25)
        tenant.run("user", "reassign", tenant.stub, guid(1), "--tables", "Odd Name")
        self.assertEqual((self.owned(tenant, tenant.stub), self.owned(tenant, tenant.real, "Odd Name")), (25, 3))
        self.assertIn("has no user-owned table setting", tenant.run("user", "reassign", tenant.stub, guid(1), "--tables", "setting", expect=64).stderr)

    def test_refuses_what_makes_no_sense_and_allows_a_disabled_owner(self):
        tenant = self.owning()
        self.assertIn("several rows", tenant.run("user", "reassign", "user1@contoso.example", guid(2), expect=64).stderr)
        self.assertIn("the same row", tenant.run("user", "reassign", tenant.stub, tenant.stub, expect=64).stderr)
        self.assertIn("no row of", tenant.run("user", "reassign", tenant.stub, guid(99), expect=64).stderr)
        tenant.run("user", "reassign", tenant.stub, expect=64)
        tenant.run("user", "disable", guid(2))
        self.assertEqual(tenant.json("user", "reassign", tenant.stub, guid(2))["reassigned"][0]["records"], 28)

    def test_a_user_of_another_environment_has_no_row_here(self):
        tenant = self.tenant({"name": "contoso", "schema": "contoso"}, {"name": "crew", "type": "teams", "schema": "crew"}).migrate()
        tenant.sync([user(1)])
        tenant.run("user", "add", guid(1), "--environment", "crew")
        tenant.sql(TABLES)
        there = tenant.sql("SELECT systemuserid FROM crew.systemuser")[0][0]
        placeholder = stub(tenant, "ana@old.example")
        tenant.sql(f"INSERT INTO contoso.account (ownerid, owninguser) VALUES ('{placeholder}', '{placeholder}')")
        refused = tenant.run("user", "reassign", placeholder, there, "--environment", "contoso", expect=64)
        self.assertIn("no row of", refused.stderr)
        self.assertEqual(self.owned(tenant, placeholder), 1)

    def test_a_terminal_sees_how_far_it_is(self):
        tenant = self.owning(accounts=30_000)
        ours, theirs = pty.openpty()
        moving = subprocess.Popen(tenant.command("user", "reassign", tenant.stub, guid(1)), stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=theirs, env={**os.environ, "TERM": "xterm"})
        os.close(theirs)
        told = b""
        with contextlib.suppress(OSError):  # the terminal is gone with its program
            while piece := os.read(ours, 65536):
                told += piece
        os.close(ours)
        self.assertEqual(moving.wait(timeout=60), 0)
        self.assertRegex(told.decode(), "account.*records")

    def test_takes_pairs_from_a_file(self):
        tenant = self.owning()
        other = stub(tenant, "old@contoso.example")
        tenant.sql(f"INSERT INTO contoso.account (ownerid, owninguser) VALUES ('{other}', '{other}')")
        tenant.write(["# stubs\n", f"{tenant.stub}, user2@contoso.example\n", "nobody@contoso.example,user2@contoso.example\n",
                      "no comma\n", f"old@contoso.example,{guid(2)}\n"], name="pairs.csv")
        done = tenant.run("user", "reassign", "--file", os.path.join(tenant.folder, "pairs.csv"), "--json", expect=64)
        self.assertIn("not SOURCE,TARGET: no comma", done.stderr)
        self.assertEqual(self.owned(tenant, tenant.row(2, columns="systemuserid")["systemuserid"]), 26)

    def test_a_table_that_refuses_is_told_and_the_others_are_moved(self):
        tenant = self.owning()
        tenant.sql("CREATE FUNCTION contoso.no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'archived'; END $$;"
                   "CREATE TRIGGER no BEFORE UPDATE ON contoso.\"Odd Name\" FOR EACH ROW EXECUTE FUNCTION contoso.no()")
        told = tenant.json("user", "reassign", tenant.stub, guid(1), expect=65)["reassigned"][0]
        self.assertEqual([(t["table"], t["records"], t["error"] is None) for t in told["tables"]],
                         [("Odd Name", 0, False), ("account", 25, True)])

    def test_goes_on_where_it_was_killed(self):
        tenant = self.owning(accounts=60_000)
        process = tenant.start("user", "reassign", tenant.stub, guid(1))
        wait_until(lambda: self.owned(tenant, tenant.real) > 0 or process.poll() is not None, what="the first transaction")
        process.send_signal(signal.SIGKILL)
        process.communicate()
        moved = self.owned(tenant, tenant.real)
        logged = "SELECT coalesce(sum((fields -> 'account' ->> 0)::bigint), 0) FROM contoso.sync_change"
        self.assertEqual((moved % 10_000, tenant.value(logged)), (0, str(moved)))
        tenant.run("user", "reassign", tenant.stub, guid(1))
        self.assertEqual((self.owned(tenant, tenant.real), self.owned(tenant, tenant.stub), tenant.value(logged)), (60_000, 0, "60000"))

    def test_a_stub_whose_user_has_a_row_is_told_about_it(self):
        tenant = self.owning()
        told = tenant.json("user", "link-stub", tenant.stub, guid(1), expect=65)
        self.assertIn(f"dvsync user reassign {tenant.stub} {guid(1)}", told["detail"])


if __name__ == "__main__":
    main()
