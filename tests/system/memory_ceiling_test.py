"""Whatever a directory or a configuration sends: dvsync stays below 256 MiB, and says what is wrong with it."""

import contextlib
import gzip
import http.server
import json
import os
import shutil
import socketserver
import ssl
import subprocess
import tempfile
import threading
from itertools import chain

from graph_support import CLIENT
from ldap_support import make_certificates, write
from support import MemoryGroup, SystemTest, main, user

CEILING = 256 * 1024 * 1024
MUCH = 300 * 1024 * 1024  # more than could be held
PIECE = 1024 * 1024


class Ceiling(SystemTest):
    def stays_below(self, tenant, *arguments, codes=(69, 78)):
        """Runs it within the ceiling. Returns what it said."""
        group = MemoryGroup(CEILING)
        try:
            with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
                process = subprocess.Popen(group.command(*tenant.command(*arguments)), stdout=output, stderr=output)
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
                output.seek(0)
                said = output.read()
        finally:
            group.close()
        self.assertIn(process.returncode, codes, said[-2000:])
        self.assertLess(usage.ru_maxrss * 1024, CEILING)
        self.assertLess(len(said), 20_000)
        return said


def repeated(text, size=MUCH):
    for _ in range(size // PIECE):
        yield text * (PIECE // len(text))


class Hostile(Ceiling):
    """A server whose certificate is good, and whose answers are not."""

    def serve(self, server):
        self.folder = tempfile.mkdtemp(prefix="dvsync-hostile-")
        self.addCleanup(shutil.rmtree, self.folder)
        make_certificates(self.folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.path.join(self.folder, "server.pem"), os.path.join(self.folder, "server.key"))
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.daemon_threads = True
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        self.addCleanup(serving.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server

    @property
    def ca_file(self):
        return os.path.join(self.folder, "ca.pem")


class Files(Ceiling):
    """A file that a run takes: its good records count, and the bad one is rejected."""

    def take(self, name, pieces, codes=(69,), **directory):
        tenant = self.tenant()
        tenant.configure(path=name, **directory)
        tenant.migrate()
        with open(os.path.join(tenant.folder, name), "w", encoding="utf-8") as file:
            for piece in pieces:
                file.write(piece)
        return tenant, self.stays_below(tenant, "sync", codes=codes)

    def test_a_value_without_end_in_each_format(self):
        good = json.dumps(user(1)) + "\n"
        for name, begin in (("tenant.jsonl", good + '{"id":"'), ("tenant.csv", 'User principal name,Object Id\r\n"'),
                            ("tenant.ldif", "dn: uid="), ("tenant.ldif", "dn: uid=a\nobjectClass: person\ncn:: ")):
            with self.subTest(begin[-20:]):
                self.take(name, chain((begin,), repeated("x")), codes=(0, 69, 75))

    def test_a_key_without_end(self):
        self.take("tenant.jsonl", chain(('{"',), repeated("x")))

    def test_lines_that_are_continued_without_end(self):
        self.take("tenant.ldif", chain(("dn: uid=a\ncn: ",), repeated("x\n ")), codes=(0, 69, 75))

    def test_cells_without_end(self):
        self.take("tenant.csv", chain(("User principal name,Object Id\r\n",), repeated("a,")), codes=(0, 69, 75))
        self.take("tenant.csv", repeated("a,"))

    def test_nesting_without_end(self):
        for text in ("[", '{"value":[', '{"a":'):
            with self.subTest(text):
                self.take("tenant.jsonl", repeated(text), codes=(0, 69, 75))

    def test_a_list_without_end_in_one_user(self):
        line = json.dumps(user(1, assignedPlans=[]))
        plan = '{"servicePlanId":"6ea4c1ef-c259-46df-bce2-943342cd3cb2","capabilityStatus":"Enabled"},'
        self.take("tenant.jsonl", chain((line[:line.index('"assignedPlans": []')] + '"assignedPlans": [',), repeated(plan)), codes=(0, 69, 75))

    def test_attributes_without_end_in_one_entry(self):
        self.take("tenant.ldif", chain(("dn: uid=a\nobjectClass: person\n",), repeated("telephoneNumber: +47 1\n")), codes=(0, 69, 75))


class Configurations(Ceiling):
    def refuse(self, pieces):
        tenant = self.tenant()
        with open(tenant.config, "w", encoding="utf-8") as file:
            for piece in pieces:
                file.write(piece)
        return self.stays_below(tenant, "check", "--offline", codes=(78,))

    def test_one_without_end(self):
        self.refuse(repeated("a: b\n"))

    def test_one_of_nothing_but_aliases(self):
        levels = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))
        self.refuse(("a0: &a0 [x]\n" + levels,))

    def test_one_that_is_nested_without_end(self):
        for text in ("[", "{a: ", "- ", "? "):
            with self.subTest(text):
                self.refuse((text * (500_000 // len(text)),))

    def test_one_that_begins_with_commas(self):
        self.refuse(("," * 500_000,))

    def test_a_device_that_never_ends(self):
        tenant = self.tenant()
        tenant.config = "/dev/zero"
        self.stays_below(tenant, "check", "--offline", codes=(78,))


class HostileGraph(http.server.BaseHTTPRequestHandler):
    """Answers as the server's `hostile` says; tokens are given, unless these are to be hostile."""

    protocol_version = "HTTP/1.1"

    def answer(self):
        if "/oauth2/" in self.path and not self.server.hostile_tokens:
            return self.whole(json.dumps({"access_token": "x.y.z", "token_type": "Bearer", "expires_in": 3600}).encode())
        self.server.hostile(self)

    def do_GET(self):
        self.answer()

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.answer()

    def whole(self, body, *headers):
        self.send_response(200)
        for name, value in (("Content-Type", "application/json"), ("Content-Length", len(body)), *headers):
            self.send_header(name, str(value))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body)

    def endless(self, piece, compress=False):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        if compress:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        chunk = piece * (PIECE // len(piece))
        if compress:
            chunk = gzip.compress(chunk)  # members one after the other are one stream
        with contextlib.suppress(OSError):
            while True:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        self.close_connection = True

    def log_message(self, *_):
        pass


class Graph(Hostile):
    def pull(self, hostile, hostile_tokens=False):
        server = self.serve(http.server.ThreadingHTTPServer(("127.0.0.1", 0), HostileGraph))
        server.hostile, server.hostile_tokens = hostile, hostile_tokens
        tenant = self.tenant()
        tenant.directory = {}
        root = f"https://127.0.0.1:{server.server_address[1]}"
        tenant.configure(type="graph", tenant="contoso.example", client_id=CLIENT, authority=root, graph_root=root,
                         client_secret_file=write(os.path.join(tenant.folder, "secret"), "s3cret"),
                         ca_file=self.ca_file)
        tenant.migrate()
        # A plan, a sync and a check read alike; a check does not wait long before it tries again.
        return self.stays_below(tenant, "check")

    def test_a_page_without_end(self):
        for piece in (b"x", b"[],", b'{"value":[', b" "):
            for compress in (False, True):
                with self.subTest(piece=piece, compress=compress):
                    self.pull(lambda asked: asked.endless(piece, compress))

    def test_a_page_of_nothing_that_is_large_once_it_is_unpacked(self):
        for begin, piece, end in ((b'{"value":[', b"[],", b"[]]}"), (b'{"value":', b"[", b""), (b'{"a":"', b"x", b'"}')):
            with self.subTest(piece):
                body = gzip.compress(begin + piece * (31_000_000 // len(piece)) + end)
                self.pull(lambda asked: asked.whole(body, ("Content-Encoding", "gzip")))

    def test_a_token_without_end(self):
        self.pull(lambda asked: asked.endless(b"x"), hostile_tokens=True)

    def test_headers_without_end(self):
        def answer(asked):
            asked.send_response(200)
            with contextlib.suppress(OSError):
                while True:
                    asked.wfile.write(b"x-header: " + b"x" * PIECE + b"\r\n")
        self.pull(answer)


class HostileLdap(socketserver.StreamRequestHandler):
    """Answers every request with a message of the server's `tag` that has no end."""

    def handle(self):
        with contextlib.suppress(OSError):
            while head := self.rfile.read(2):
                self.rfile.read(head[1] if head[1] < 0x80 else int.from_bytes(self.rfile.read(head[1] & 0x7F), "big"))
                self.wfile.write(self.server.begin)
                while True:
                    self.wfile.write(b"x" * PIECE)


class Ldap(Hostile):
    def pull(self, begin):
        server = self.serve(socketserver.ThreadingTCPServer(("127.0.0.1", 0), HostileLdap))
        server.begin = begin
        tenant = self.tenant()
        tenant.directory = {}
        tenant.configure(type="openldap", urls=[f"ldaps://127.0.0.1:{server.server_address[1]}"], base="dc=example",
                         bind_dn="cn=sync,dc=example", password_file=write(os.path.join(tenant.folder, "password"), "s3cret"),
                         ca_file=self.ca_file)
        tenant.migrate()
        return self.stays_below(tenant, "sync")

    def test_a_message_without_end(self):
        length = (0x7FFFFFF0).to_bytes(4, "big")
        for begin in (b"\x30\x84" + length,  # a message of 2 GB
                      b"\x30\x84" + length + b"\x02\x01\x01\x64\x84" + (0x7FFFFF00).to_bytes(4, "big"),  # an entry
                      b"\x30\x88" + b"\xff" * 8):
            with self.subTest(begin):
                self.pull(begin)


if __name__ == "__main__":
    main()
