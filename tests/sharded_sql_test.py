#!/usr/bin/env python3
"""Statements that PostgreSQL takes and a sharded database (Citus) refuses: none stands in sql/ or in the store.

sharded_sql_test.py [FOLDER]    the project's folder, by default the one this file lies in
"""

import re
import sys
import unittest
from pathlib import Path

ROOT = Path(sys.argv.pop(1)) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent

# Comments, texts of SQL and of C++, bodies: told apart from the rest of a file by one look at each.
SQL_PIECE = re.compile(r"--[^\n]*|'(?:[^']|'')*'|/\*.*?\*/", re.DOTALL)
CPP_PIECE = re.compile(r'//[^\n]*|R"\((?P<raw>.*?)\)"|"(?P<text>(?:\\.|[^"\\])*)"|\'(?:\\.|[^\'\\])\'|(?P<end>;)', re.DOTALL)
TIME_IN_A_CASE = re.compile(r"\b(?:coalesce\s*\([^()]*|CASE\b(?:(?!\bEND\b).)*)\b(?:now|statement_timestamp|clock_timestamp)\s*\(",
                            re.DOTALL | re.IGNORECASE)
VOLATILE = re.compile(r"\b(clock_timestamp|timeofday|random|gen_random_uuid|nextval|setval|pg_notify)\s*\(")
BEGINS = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH|CREATE|ALTER|DROP|SET|LOCK|TRUNCATE|COPY)\b")


def without_texts(sql):
    """Without comments, and with empty texts."""
    return SQL_PIECE.sub(lambda found: "''" if found.group().startswith("'") else " ", sql)


def statements_of_file(sql):
    """A body's statements among the others."""
    return [one for one in without_texts(sql).split(";") if one.strip()]


def statements_of_code(text):
    """What stands in one statement of C++ together, as one text. A name stands for what the program puts in between."""
    found, words, end = [], [], 0
    for piece in CPP_PIECE.finditer(text):
        if words and text[end:piece.start()].strip():
            words.append("something")
        end = piece.end()
        if piece["end"]:
            found.append(" ".join(words))
            words = []
        elif piece["raw"] is not None or piece["text"] is not None:
            words.append(piece["raw"] if piece["raw"] is not None else piece["text"])
    return [without_texts(one) for one in found if one]


def without_brackets(sql):
    while (shorter := re.sub(r"\([^()]*\)", " ", sql)) != sql:
        sql = shorter
    return sql


def clause_from(statement, start):
    """From there to the end, or to the bracket that closes around it."""
    depth = 0
    for at in range(start, len(statement)):
        depth += {"(": 1, ")": -1}.get(statement[at], 0)
        if depth < 0:
            return statement[start:at]
    return statement[start:]


def reads_while_it_inserts(statement, sharded):
    """Tables into which rows of sharded tables are written by an INSERT that reads them itself, not by a WITH before it."""
    for insert in re.finditer(r"\bINSERT INTO\s+(?:our\.)?(\w+)", statement):
        source = re.split(r"\bON CONFLICT\b", clause_from(statement, insert.end()))[0]
        read = set(re.findall(r"\b(?:FROM|JOIN)\s+(?:our\.)?(\w+)", source))
        read.update(re.findall(r",\s*(?:our\.)?(\w+)(?:\s+AS)?\s+\w+\s+WHERE\b", source))
        through_us = any(table.startswith("batch_") for table in read)  # a temporary table: its rows come from here
        if insert.group(1) in sharded and read & sharded and not through_us:
            yield insert.group(1)


def refusals(statement, sharded):
    """Why Citus refuses it."""
    if re.search(r"\bSELECT\s+(FROM|WHERE)\b", statement):
        yield "selects no column"
    if re.search(r";\s*\w", statement) and BEGINS.match(statement) and set(re.findall(r"\bour\.(\w+)", statement)) & sharded:
        yield "several statements in one text"
    for table in re.findall(r"\b(?:UPDATE|DELETE FROM)\s+(?:our\.)?(\w+)", statement):
        if table in sharded and VOLATILE.search(statement):
            yield f"changes {table} with a volatile function: statement_timestamp(), or a value that was asked for before"
        if table in sharded and TIME_IN_A_CASE.search(statement):
            yield f"changes {table} with a time within coalesce() or CASE"
    for table in reads_while_it_inserts(statement, sharded):
        yield f"inserts into {table} what it reads from a sharded table: a function, or a default, is refused there; read it in a WITH before"
    if re.match(r"\s*ALTER SEQUENCE\b", statement):
        yield "changes a sequence: within a DO that goes on without"
    locked = re.search(r"\bFOR (?:NO KEY )?(?:UPDATE|SHARE)\b", statement)
    if locked and re.search(r"\bJOIN\b(?!.*\bWHERE\b.*\bIN \()|nextval", statement, re.DOTALL):
        yield "locks rows in more than a plain query of one table"
    altered = re.match(r"\s*ALTER TABLE\b(.*)", without_brackets(statement), re.DOTALL)
    if altered and "," in altered.group(1):
        yield "ALTER TABLE does several things at once"


class ShardedSql(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        files = {path: path.read_text(encoding="utf-8") for path in sorted((ROOT / "sql").rglob("*.sql"))}
        code = {path: path.read_text(encoding="utf-8") for path in sorted((ROOT / "src/store").rglob("*.cpp"))}
        cls.sharded = {"systemuser", "systemuserroles", "teammembership"}
        for path, sql in files.items():
            if path.parent.name == "environment":
                cls.sharded.update(re.findall(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+)", sql))
        cls.statements = [(path.relative_to(ROOT), one) for path, sql in files.items() for one in statements_of_file(sql)]
        cls.statements += [(path.relative_to(ROOT), one) for path, text in code.items() for one in statements_of_code(text)]

    def test_no_statement_is_refused(self):
        self.assertGreater(len(self.statements), 200)
        problems = [f"{path}: {why}: {' '.join(one.split())[:120]}"
                    for path, one in self.statements for why in refusals(one, self.sharded)]
        self.assertEqual(problems, [], "\n" + "\n".join(problems))

    def test_every_shape_is_found(self):
        for refused in ("SELECT FROM our.sync_run", "SELECT 1 WHERE EXISTS (SELECT FROM x)",
                        "DELETE FROM our.sync_batch; DELETE FROM our.sync_run",
                        "UPDATE our.sync_run SET finished_at = clock_timestamp()",
                        "DELETE FROM our.sync_request WHERE answered_at < clock_timestamp() - $1",
                        "UPDATE our.systemuser SET versionnumber = nextval($1)",
                        "SELECT fence, nextval($1) FROM our.sync_state FOR SHARE",
                        "SELECT 1 FROM our.systemuser u JOIN batch_row b USING (systemuserid) FOR NO KEY UPDATE",
                        "ALTER TABLE sync_run ADD COLUMN a int, ADD CHECK (a > 0)",
                        "INSERT INTO sync_hold (run_id, held_at) SELECT run_id, coalesce(held_since, now()) FROM sync_pending",
                        "INSERT INTO our.sync_hold (run_id) SELECT run_id FROM our.sync_pending ON CONFLICT (run_id) DO NOTHING",
                        "INSERT INTO sync_run (run_id) SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM sync_run)",
                        "INSERT INTO sync_run (run_id) SELECT n FROM unnest($1) AS n (n), sync_hold h WHERE true",
                        "UPDATE our.sync_pending SET held_since = coalesce(held_since, now())",
                        "UPDATE our.sync_run SET finished_at = CASE WHEN true THEN statement_timestamp() END",
                        "ALTER SEQUENCE sync_touched_id CACHE 1"):
            self.assertTrue(list(refusals(refused, self.sharded)), refused)

    def test_what_is_taken_is_left_alone(self):
        for taken in ("SELECT 1 FROM our.sync_run", "UPDATE our.sync_run SET finished_at = statement_timestamp()",
                      "UPDATE our.lease SET expires_at = clock_timestamp()", "ALTER TABLE t ADD PRIMARY KEY (a, b)",
                      "SELECT fence FROM our.sync_state FOR SHARE",
                      "WITH held AS MATERIALIZED (SELECT run_id FROM our.sync_pending) INSERT INTO our.sync_hold (run_id) "
                      "SELECT run_id FROM held ON CONFLICT (run_id) DO NOTHING",
                      "INSERT INTO our.sync_pending (run_id) SELECT run_id FROM batch_pending",
                      "DO $$ BEGIN ALTER SEQUENCE sync_touched_id CACHE 1"):
            self.assertEqual(list(refusals(taken, self.sharded)), [], taken)

    def test_code_is_read_as_the_texts_it_makes(self):
        code = 'exec("SELECT a " + x + "FROM b; c");  // "no; text"\nreturn R"(UPDATE d)";'
        self.assertEqual(statements_of_code(code), ["SELECT a  something FROM b; c something", "UPDATE d"])


if __name__ == "__main__":
    unittest.main()
