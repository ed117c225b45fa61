"""The JSON Schema and the program take and refuse the same configurations, and `check --show` prints one that means the same."""

import copy
import json
import os
import re
import subprocess
import tempfile
import unittest

import jsonschema

DVSYNC = os.path.abspath(os.environ["DVSYNC"])
PROJECT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ID = "3f6b2c1e-0000-4000-8000-000000000001"

# What each kind of value is tried with. Texts are quoted (a JSON text is a YAML one).
PROBES = [None, True, 12, 1.5, "", "x", "15m", "m", ID, ID[:-1], [], ["x"], {}, {"a": 1}]

# What the program knows beyond a schema: how a text must look, other keys, files.
BEYOND = re.compile(
    "must be ldap|must be a host|distinguished name|must be an LDAP filter|must be pwdAccountLockedTime|the DN of a group|the name of an LDAP attribute|"
    "the tenant's id or one of|https:// address|must be a group's id|is for `format: ldif`|known names of service plans|`by_license` takes|exactly one|"
    "missing credential|go together|needs `|cannot be read|would carry the password|ldap:// with|is encrypted|must end in .prom|must be from|must not be shorter|"
    "must not be longer|environment cannot have|environment needs|for developer environments|cannot name|policy already|gives no roles|is taken by|"
    "is already the|mirror's: choose|missing key `client_id`|missing key `schema`|`fields`|printable name|names of roles|other variables|`security_group` must be|the connection string: |"
    "needs a `webhook`|not both|cannot be started|the whole path|begin with a program|which no message has|does not make JSON|instead of `format`|"
    "another `name`|must be unix:/PATH|its whole path: unix|more than 90 bytes|the name of a header|no other meaning|is for a|unless `tls` names|needs `trusted_|"
    "^console ")


def documents():
    database = {"connection": "dbname=x", "migrate_connection": "dbname=x user=y", "mirror_schema": "m", "sessions": 8}
    environment = {"name": "contoso", "schema": "contoso", "type": "production", "security_group": ID, "nested_groups": "ignore", "app_pass_capacity": False,
                   "business_unit": "root", "actor": "{" + ID.upper() + "}", "mapping": "dataverse", "full_name_order": "first-last", "primary_email": "on_create",
                   "fields": {"jobtitle": "never"}, "manual_disable": "sticky", "on_license_loss": "keep", "group_teams": "ignore", "watch_rows": "on",
                   "create_values": {"organizationid": "x"},
                   "roles": {"by_license": {"DYN365_ENTERPRISE_SALES": ["Salesperson"]}, "everybody": ["Basic User"], "administrators": ["Admin"],
                             "stub": "x", "manage": True, "create_tables": False}}
    rest = {"schedule": {"every": "15m", "full_every": "24h", "jitter": "30s", "fresh_within": "1h"},
            "requests": {"first_access": "ask_always", "expire_after": "1m", "first_access_role": "a", "on_demand_role": "b"},
            "safety": {"max_disables": 5, "max_disables_percent": 1.5, "window": "1h"},
            "licenses": {"full": [ID], "full_add": ["DYN365_ENTERPRISE_SALES"], "full_remove": [ID], "on_demand": [], "on_demand_add": [ID], "on_demand_remove": []},
            "log": {"level": "info", "format": "text", "retention": "90d", "archive": "/a"}, "metrics": {"textfile": "/a/b.prom"},
            "notify": [{"name": "a", "webhook": {"url_file": "hook", "format": "slack", "ca_file": "secret", "proxy": "p"}, "on": ["held", "recovered"],
                        "remind_every": "1h", "include_users": True},
                       {"name": "b", "webhook": {"url_file": "hook", "template": '{"a": "{{text}}"}'}}, {"name": "c", "command": ["/bin/sh", "-c", "exit"]}],
            "console": {"listen": "192.0.2.7:8443", "tls": {"certificate_file": "pem", "private_key_file": "pem"}, "operators": ["ana"], "tokens_file": "t"}}
    whole = {"database": database, "environments": [environment], **rest}
    ldap = {"urls": ["ldaps://h"], "base": "dc=x", "bind_dn": "cn=x", "password_file": "secret", "ca_file": "secret", "licensed": "everyone",
            "admin_groups": {"global": "cn=x"}, "attributes": {"mobilePhone": "m"}, "start_tls": False}
    directories = [
        {"type": "file", "path": "x", "format": "ldif", "mode": "delta", "licensed": "everyone", "admin_groups": {"dynamics365": "cn=x"}, "marketing_license": True,
         "max_rejects_percent": 3},
        {"type": "graph", "tenant": "contoso.example", "client_id": ID, "client_secret_file": "secret", "cloud": "global", "ca_file": "secret", "proxy": "p",
         "throttle_priority": "low"},
        {"type": "graph", "tenant": "contoso.example", "client_id": ID, "managed_identity": True, "authority": "https://a", "graph_root": "https://b"},
        {"type": "active_directory", "mode": "usn", **ldap},
        {"type": "openldap", "mode": "timestamp", "user_filter": "(a=b)", "disabled": "nsAccountLock", **ldap}]
    return [{"directory": directory, **copy.deepcopy(whole)} for directory in directories]


def places(node, path=()):
    """Every value, by the keys that lead to it."""
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from places(value, (*path, key))


def changed(document, path, change):
    copied = copy.deepcopy(document)
    parent = copied
    for key in path[:-1]:
        parent = parent[key]
    change(parent, path[-1])
    return copied


class ConfigurationSchema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.config = os.path.join(cls.folder.name, "dvsync.yaml")
        with open(os.path.join(cls.folder.name, "secret"), "w", encoding="utf-8") as file:
            file.write("s")
        os.chmod(file.name, 0o600)
        with open(os.path.join(cls.folder.name, "hook"), "w", encoding="utf-8") as file:
            file.write("https://hooks.contoso.example/a")
        os.chmod(file.name, 0o600)
        pem = os.path.join(cls.folder.name, "pem")  # a certificate and its key
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=dvsync",
                        "-keyout", pem, "-out", f"{pem}.certificate"], check=True, stderr=subprocess.DEVNULL)
        with open(pem, "a", encoding="utf-8") as file, open(f"{pem}.certificate", encoding="utf-8") as certificate:
            file.write(certificate.read())
        cls.printed = cls.dvsync("--schema").stdout
        cls.schema = jsonschema.Draft7Validator(json.loads(cls.printed))

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def dvsync(cls, *arguments):
        return subprocess.run([DVSYNC, "check", "--config", cls.config, *arguments], capture_output=True, text=True)

    def mistakes(self, text):
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(text)
        told = json.loads(self.dvsync("--offline", "--json").stdout)
        return [finding["message"] for finding in told["findings"] if finding["level"] == "error"]

    def compare(self, document, what):
        mistakes = self.mistakes(json.dumps(document))
        refused = next(self.schema.iter_errors(document), None)
        if refused is None:
            self.assertFalse([each for each in mistakes if not BEYOND.search(each)], f"the program alone refuses {what}")
        else:
            self.assertTrue(mistakes, f"the schema alone refuses {what}: {refused.message}")

    def test_the_shipped_file_is_what_the_program_prints(self):
        with open(os.path.join(PROJECT, "config", "dvsync.schema.json"), encoding="utf-8") as file:
            self.assertEqual(file.read(), self.printed, "dvsync check --schema > config/dvsync.schema.json")
        jsonschema.Draft7Validator.check_schema(json.loads(self.printed))

    def test_both_take_whole_configurations(self):
        for document in documents():
            self.assertEqual(self.mistakes(json.dumps(document)), [])
            self.assertEqual([error.message for error in self.schema.iter_errors(document)], [])

    def test_both_refuse_unknown_and_missing_keys(self):
        for document in documents():
            for path in places(document):
                if isinstance(path[-1], int) or "create_values" in path[:-1]:
                    continue
                with self.subTest(path):
                    self.compare(changed(document, path, lambda parent, key: parent.pop(key)), f"{path} missing")
                    renamed = changed(document, path, lambda parent, key: parent.__setitem__(str(key) + "_x", parent.pop(key)))
                    self.assertTrue(self.mistakes(json.dumps(renamed)))
                    if not {"by_license", "fields"} & set(path[:-1]):
                        self.assertIsNotNone(next(self.schema.iter_errors(renamed), None), "an unknown key")

    def test_both_take_and_refuse_the_same_values(self):
        first, *others = documents()
        tried = [(first, path) for path in places(first)] + [(each, path) for each in others for path in places(each) if path[0] == "directory"]
        for document, path in tried:
            for probe in PROBES:
                with self.subTest(path=path, probe=probe):
                    self.compare(changed(document, path, lambda parent, key: parent.__setitem__(key, probe)), f"{path} = {probe!r}")

    def test_what_is_shown_means_the_same(self):
        with open(os.path.join(PROJECT, "config", "dvsync.yaml"), encoding="utf-8") as file:
            texts = [file.read(), *(json.dumps(document) for document in documents())]
        for text in texts:
            self.assertEqual(self.mistakes(text), [])
            shown = self.dvsync("--show").stdout
            self.assertEqual(self.mistakes(shown), [])
            self.assertEqual(self.dvsync("--show").stdout, shown)
            self.assertIn("every: 15m", shown)
            self.assertNotIn("\ns\n", shown, "the secret's file alone is named")

    def test_a_mistake_has_a_place(self):
        with open(self.config, "w", encoding="utf-8") as file:
            file.write("directory: {type: file, path: x}\ndatabase: {connection: x}\nenvironments: [{name: a, schema: b, typ: none}]\n")
        done = self.dvsync("--json")
        told = json.loads(done.stdout)
        self.assertEqual((done.returncode, told["exit_code"]), (78, 78))
        self.assertEqual([(each["level"], each["line"], each["column"]) for each in told["findings"]], [("error", 3, 37)])
        self.assertIn("did you mean `type`?", told["findings"][0]["message"])
        self.assertEqual(self.dvsync("--show").returncode, 78)


if __name__ == "__main__":
    unittest.main()
