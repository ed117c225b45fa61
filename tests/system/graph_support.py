"""The Graph simulator as a system test uses it: its own process, told what to hold by a list of commands."""

import json
import os
import shutil
import subprocess
import tempfile
import urllib.request

from support import user

HERE = os.path.dirname(os.path.abspath(__file__))
SERVER = os.path.join(HERE, "..", "graph_simulator", "server.js")
TENANT = "contoso.example"
CLIENT = "11111111-2222-4333-8444-555555555555"
SECRET = "s3cret&with=odd%chars+ü"  # what the simulator takes
NODE = shutil.which("node") or shutil.which("nodejs") or "node"


class Simulator:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="dvsync-graph-")
        self.process = subprocess.Popen([NODE, SERVER, self.folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addresses = json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def tell(self, *commands):
        """Runs the commands in their order and returns their results (tests/graph_simulator/control.js)."""
        request = urllib.request.Request(self.addresses["control"], json.dumps(commands).encode())
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
            return json.load(answer)

    def configure(self, tenant):
        """Makes the simulator the directory of `tenant`."""
        secret = os.path.join(tenant.folder, "secret")
        with open(secret, "w", encoding="utf-8", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(SECRET)
        tenant.directory = {}
        tenant.configure(type="graph", tenant=TENANT, client_id=CLIENT, client_secret_file=secret,
                         authority=self.addresses["authority"], graph_root=self.addresses["graph"],
                         ca_file=self.addresses["ca_file"])
        return tenant


def graph_user(number, **facts):
    """What put_user is told: a user line of graph-jsonl without its type."""
    line = user(number, **facts)
    del line["@odata.type"]
    return line
