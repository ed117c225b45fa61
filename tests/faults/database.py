"""A tenant's database as it was at a moment, and brought back to that: some ten times faster than another copy of it."""

import contextlib
import subprocess

OURS = "n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'"
TABLES = f"SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace " \
         f"WHERE c.relkind = 'r' AND {OURS} ORDER BY 1"
SEQUENCES = TABLES.replace("'r'", "'S'")
# Everything that stands in the catalogue but rows: schemas, relations and their columns, functions, triggers, rights.
CATALOGUE = f"""SELECT md5(string_agg(what, E'\\n' ORDER BY what)) FROM (
  SELECT concat_ws(' ', n.nspname, n.nspacl) AS what FROM pg_namespace n WHERE {OURS}
  UNION ALL SELECT concat_ws(' ', c.oid::regclass, c.relkind, c.relacl, c.reloptions) FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {OURS}
  UNION ALL SELECT concat_ws(' ', attrelid::regclass, attname, atttypid, attnotnull, attacl) FROM pg_attribute
    JOIN pg_class c ON c.oid = attrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {OURS}
  UNION ALL SELECT concat_ws(' ', p.oid::regprocedure, p.proacl, md5(p.prosrc)) FROM pg_proc p
    JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {OURS}
  UNION ALL SELECT concat_ws(' ', tgrelid::regclass, tgname, tgenabled) FROM pg_trigger
  UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, convalidated) FROM pg_constraint) AS everything"""


class Session:
    """A psql that stays."""

    END = "that was all"

    def __init__(self, postgres, database):
        self.process = subprocess.Popen(
            [f"{postgres.bin}/psql", "-X", "-q", "-A", "-t", "-F", "\x1f", "-P", "null=\x1d", "-v", "ON_ERROR_STOP=1",
             postgres.conninfo(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def lines(self, statement):
        """What it answers, a row a line. A statement that fails ends the session."""
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(f"{statement};\n\\echo {self.END}\n")
            self.process.stdin.flush()
        answer = []
        for line in self.process.stdout:
            if line == self.END + "\n":
                return answer
            answer.append(line[:-1])
        raise AssertionError(self.process.stderr.read())

    def rows(self, statement):
        return [tuple(None if value == "\x1d" else value for value in line.split("\x1f")) for line in self.lines(statement)]

    def is_alone(self):
        return self.lines("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' "
                          "AND pid <> pg_backend_pid()") == []

    def end_others(self):
        self.lines("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() "
                   "AND backend_type = 'client backend' AND pid <> pg_backend_pid()")

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()


class Beginning:
    """What a database holds now. Copies are temporary tables of a session, which nobody else sees."""

    def __init__(self, session):
        self.session = session
        self.tables = session.lines(TABLES)
        self.sequences = {name: session.rows(f"SELECT last_value, is_called FROM {name}")[0] for name in session.lines(SEQUENCES)}
        for number, table in enumerate(self.tables):
            session.lines(f"CREATE TEMPORARY TABLE before_{number} AS TABLE {table}")
        self.fingerprints = "; ".join(f"SELECT md5(coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '')) FROM {table} t"
                                      for table in self.tables)
        self.was = session.lines(self.fingerprints) if self.tables else []
        self.catalogue = session.lines(CATALOGUE)
        self.next_transaction = self.next_that_writes()

    def next_that_writes(self):
        """A number that every transaction takes which writes anything anywhere."""
        return self.session.lines("SELECT pg_snapshot_xmax(pg_current_snapshot())")

    def nobody_wrote(self):
        return self.next_that_writes() == self.next_transaction

    def same_catalogue(self):
        return self.session.lines(CATALOGUE) == self.catalogue

    def other_tables(self):
        """Those whose rows are others now, by number."""
        now = self.session.lines(self.fingerprints) if self.tables else []
        return [number for number, (is_, was) in enumerate(zip(now, self.was)) if is_ != was]

    def unchanged(self):
        return self.nobody_wrote() or (self.same_catalogue() and not self.other_tables())

    def restore(self):
        """False: the tables themselves are others, and another copy is needed."""
        if self.nobody_wrote():
            return True
        if not self.same_catalogue():
            return False
        statements = ["BEGIN", "SET LOCAL session_replication_role = replica"]
        for number in self.other_tables():
            statements += [f"DELETE FROM {self.tables[number]}", self.refill(number)]
        statements += [f"SELECT setval('{name}', {value}, '{called}')" for name, (value, called) in self.sequences.items()]
        self.session.lines("; ".join([*statements, "COMMIT"]))
        self.next_transaction = self.next_that_writes()
        return True

    def refill(self, number):
        columns = ", ".join(self.session.lines(
            f"SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = '{self.tables[number]}'::regclass "
            "AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum"))
        return f"INSERT INTO {self.tables[number]} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM before_{number}"
