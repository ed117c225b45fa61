"""Private directory servers for system tests: slapd, and a Samba domain controller."""

import atexit
import base64
import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

from support import free_port, wait_until

HERE = os.path.dirname(os.path.abspath(__file__))
PROVISION = os.path.join(HERE, "..", "integration", "ldap", "provision_domain.py")


def accepts_connections(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def make_certificates(folder):
    """An authority (ca.pem) and a server certificate for 127.0.0.1 (server.pem, server.key)."""
    key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
    script = (f"cd {folder} && echo subjectAltName=IP:127.0.0.1 >extensions"
              f" && openssl req -x509 -days 2 -subj '/CN=dvsync test authority' -keyout ca.key -out ca.pem {key}"
              f" && openssl req -subj /CN=server -keyout server.key -out server.csr {key}"
              " && openssl x509 -req -days 2 -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial"
              " -extfile extensions -out server.pem")
    subprocess.run(["sh", "-c", script], check=True, stderr=subprocess.DEVNULL)


def write(path, text, mode=0o600):
    with open(path, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, mode)) as file:
        file.write(text)
    return path


class DirectoryServer:
    """A server process in a temporary folder; what both kinds have in common."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="dvsync-ldap-")
        self.process = None
        atexit.register(self.close)  # also when a test run is interrupted
        make_certificates(self.folder)

    def launch(self, command, port):
        with open(os.path.join(self.folder, "server.log"), "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        wait_until(lambda: accepts_connections(port) or self.process.poll() is not None, what="the directory server")
        if self.process.poll() is not None:
            with open(os.path.join(self.folder, "server.log"), encoding="utf-8", errors="replace") as log:
                raise AssertionError(log.read()[-2000:])

    def stop(self):
        self.process.terminate()
        self.process.wait()
        with contextlib.suppress(ProcessLookupError):  # Samba has children of its own
            os.killpg(self.process.pid, signal.SIGKILL)

    def restart(self):
        self.stop()
        self.start()

    def back_up(self):
        self.replace(self.database, os.path.join(self.folder, "backup"))

    def restore(self):
        self.replace(os.path.join(self.folder, "backup"), self.database)

    def replace(self, source, target):
        self.stop()
        shutil.rmtree(target, ignore_errors=True)
        subprocess.run(["cp", "-a", source, target], check=True)
        self.start()

    def close(self):
        if self.process and self.process.poll() is None:
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def client(self, program, *arguments, text=""):
        environment = {**os.environ, "LDAPTLS_CACERT": os.path.join(self.folder, "ca.pem")}
        done = subprocess.run([program, "-x", "-H", self.url, "-D", self.administrator, "-w", self.password, *arguments],
                              input=text, capture_output=True, text=True, env=environment)
        if done.returncode != 0:
            raise AssertionError(f"{program}: {done.stderr}\n{text}")
        return done.stdout

    def apply(self, ldif):
        """LDIF; entries without changetype are added."""
        self.client("ldapmodify", "-a", text=ldif)


class Slapd(DirectoryServer):
    base = "dc=example"
    administrator, password = "cn=admin,dc=example", "secret"
    account, account_password = "cn=sync,dc=example", "s3cret value"

    def __init__(self, more="", size=1 << 30):
        super().__init__()
        self.port, self.tls_port = free_port(), free_port()
        self.url = f"ldap://127.0.0.1:{self.port}"
        self.database = os.path.join(self.folder, "db")
        os.mkdir(self.database)
        includes = "".join(f"include /etc/ldap/schema/{name}.schema\n" for name in ("core", "cosine", "inetorgperson", "nis"))
        write(os.path.join(self.folder, "slapd.conf"), f"""{includes}modulepath /usr/lib/ldap
moduleload back_mdb
moduleload syncprov
pidfile {self.folder}/slapd.pid
TLSCACertificateFile {self.folder}/ca.pem
TLSCertificateFile {self.folder}/server.pem
TLSCertificateKeyFile {self.folder}/server.key
database mdb
suffix {self.base}
rootdn {self.administrator}
rootpw {self.password}
directory {self.database}
maxsize {size}
dbnosync
index objectClass,entryUUID,entryCSN,uid eq
limits dn.exact="{self.account}" size=unlimited time=unlimited
{more}overlay syncprov
syncprov-sessionlog 10000
""")
        self.start()
        self.apply(f"""dn: {self.base}
objectClass: dcObject
objectClass: organization
o: example
dc: example

dn: ou=people,{self.base}
objectClass: organizationalUnit
ou: people

dn: ou=leavers,{self.base}
objectClass: organizationalUnit
ou: leavers

dn: ou=groups,{self.base}
objectClass: organizationalUnit
ou: groups

dn: {self.account}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: sync
userPassword: {self.account_password}
""")

    def start(self):
        self.launch(["slapd", "-f", os.path.join(self.folder, "slapd.conf"), "-h", f"{self.url} ldaps://127.0.0.1:{self.tls_port}",
                     "-d", "0"], self.port)

    def configure(self, tenant, **more):
        tenant.directory = {}
        tenant.configure(type="openldap", urls=[f"ldaps://127.0.0.1:{self.tls_port}"], base=self.base, bind_dn=self.account,
                         password_file=write(os.path.join(tenant.folder, "password"), self.account_password),
                         ca_file=os.path.join(self.folder, "ca.pem"), **more)
        return tenant


def enter_private_network():
    """Runs this program again in a network namespace of its own, where a domain controller's fixed ports are free.
    Returns why that is not possible here, or None once inside."""
    if os.environ.get("DVSYNC_PRIVATE_NETWORK"):
        return None
    if os.getuid() != 0:
        return "a Samba domain controller needs root and a network namespace of its own"
    if subprocess.run(["unshare", "-n", "true"], stderr=subprocess.DEVNULL).returncode != 0:
        return "network namespaces cannot be made here"
    os.environ["DVSYNC_PRIVATE_NETWORK"] = "1"
    os.execvp("unshare", ["unshare", "-n", "sh", "-c", 'ip link set lo up && exec "$0" "$@"', sys.executable, *sys.argv])


class Samba(DirectoryServer):
    base = "DC=dvsync,DC=test"
    administrator, password = "Administrator@dvsync.test", "Passw0rd!adm"
    account_password = "s3cret Value"
    url = "ldaps://127.0.0.1"

    def __init__(self):
        super().__init__()
        os.mkdir(os.path.join(self.folder, "etc"))
        done = subprocess.run(["/usr/bin/python3", PROVISION, self.folder, self.folder], capture_output=True, text=True)
        if done.returncode != 0:
            raise AssertionError(done.stdout + done.stderr)
        self.database = os.path.join(self.folder, "private")
        self.start()

    def start(self):
        self.launch(["samba", "-F", "-M", "single", "--no-process-group", "-s", os.path.join(self.folder, "etc/smb.conf")], 636)

    def guid_of(self, account):
        found = self.client("ldapsearch", "-LLL", "-o", "ldif-wrap=no", "-b", self.base, "-E", "!1.2.840.113556.1.4.529=::MAMCAQE=",
                            f"(sAMAccountName={account})", "1.1")
        extended = next(line for line in found.splitlines() if line.startswith("dn:: "))
        return base64.b64decode(extended[5:]).decode()[len("<GUID="):].split(">")[0]

    def undelete(self, name, identifier, dn):
        self.client("ldapmodify", "-e", "!1.2.840.113556.1.4.417",
                    text=f"dn: CN={name}\\0ADEL:{identifier},CN=Deleted Objects,{self.base}\nchangetype: modify\ndelete: isDeleted\n"
                         f"-\nreplace: distinguishedName\ndistinguishedName: {dn}\n")

    def configure(self, tenant, account="sync", **more):
        tenant.directory = {}
        tenant.configure(type="active_directory", urls=[self.url], base=self.base, bind_dn=f"{account}@dvsync.test",
                         password_file=write(os.path.join(tenant.folder, "password"), self.account_password),
                         ca_file=os.path.join(self.folder, "ca.pem"), **more)
        return tenant


class Dirsrv(DirectoryServer):
    """389 Directory Server from its packaged template, with Content Synchronization."""

    base = "dc=example"
    administrator, password = "cn=Directory Manager", "secret password"
    account, account_password = "cn=sync,dc=example", "s3cret value"
    program = "/usr/sbin/ns-slapd"
    schema = "/etc/dirsrv/schema/99user.ldif"

    def __init__(self):
        super().__init__()
        self.port, self.tls_port = free_port(), free_port()
        self.url = f"ldap://127.0.0.1:{self.port}"
        self.database = os.path.join(self.folder, "db")
        for name in ("db", "run", "log", "lock", "tmp", "ldif", "bak", "schema"):
            os.mkdir(os.path.join(self.folder, name))
        shutil.copy(self.schema, os.path.join(self.folder, "schema"))
        for name in ("certmap.conf", "slapd-collations.conf"):
            shutil.copy(f"/etc/dirsrv/config/{name}", self.folder)
        self.import_certificate()
        write(os.path.join(self.folder, "dse.ldif"), self.configuration())
        self.give_away()
        self.start()
        self.add_database()

    def import_certificate(self):
        f = self.folder
        script = (f"cd {f} && openssl pkcs12 -export -in server.pem -inkey server.key -certfile ca.pem -name Server-Cert -passout pass: -out server.p12"
                  f" && certutil -N -d sql:{f} --empty-password && pk12util -i server.p12 -d sql:{f} -W ''"
                  f" && certutil -A -d sql:{f} -n ca -t CT,, -i ca.pem")
        subprocess.run(["sh", "-c", script], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def configuration(self):
        f = self.folder
        values = {"fqdn": "127.0.0.1", "ds_port": self.port, "ds_user": self.user, "ds_suffix": self.base, "rootdn": self.administrator,
                  "ds_passwd": "{CLEAR}" + self.password, "ldapi_enabled": "off", "ldapi": f"{f}/run/ldapi", "ldapi_autobind": "off",
                  "config_dir": f, "cert_dir": f, "inst_dir": f, "db_dir": f"{f}/db", "db_home_dir": f"{f}/db", "db_lib": "bdb",
                  **{f"{name}_dir": f"{f}/{name}" for name in ("schema", "lock", "tmp", "ldif", "bak", "run", "log")}}
        with open("/usr/share/dirsrv/data/template-dse.ldif", encoding="utf-8") as file:
            text = file.read()
        for name, value in values.items():
            text = text.replace(f"%{name}%", str(value))
        text = text.replace("cn: config\n", f"cn: config\nnsslapd-security: on\nnsslapd-securePort: {self.tls_port}\n"
                            "nsslapd-sizelimit: -1\nnsslapd-listenhost: 127.0.0.1\nnsslapd-securelistenhost: 127.0.0.1\n", 1)
        plugins = text.split("\n\n")
        for i, entry in enumerate(plugins):
            if entry.startswith(("dn: cn=Retro Changelog Plugin", "dn: cn=Content Synchronization")):
                plugins[i] = entry.replace("nsslapd-pluginenabled: off", "nsslapd-pluginenabled: on")
                if "Retro" in entry.split(",")[0]:
                    plugins[i] += "\nnsslapd-attribute: nsuniqueid:targetUniqueId"
        return "\n\n".join(plugins)

    @property
    def user(self):
        return "dirsrv" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name

    def give_away(self):
        """The server gives up root once it has started."""
        if os.getuid() == 0:
            subprocess.run(["chown", "-R", f"{self.user}:", self.folder], check=True)

    def start(self):
        self.launch([self.program, "-D", self.folder, "-i", os.path.join(self.folder, "run", "pid"), "-d", "0"], self.port)

    def add_database(self):
        self.apply(f"""dn: cn=userRoot,cn=ldbm database,cn=plugins,cn=config
objectClass: extensibleObject
objectClass: nsBackendInstance
cn: userRoot
nsslapd-suffix: {self.base}

dn: cn="{self.base}",cn=mapping tree,cn=config
objectClass: extensibleObject
objectClass: nsMappingTree
cn: "{self.base}"
nsslapd-state: backend
nsslapd-backend: userRoot

dn: {self.base}
objectClass: domain
dc: example
aci: (targetattr != "userPassword")(version 3.0; acl "sync reads"; allow (read, search, compare) userdn = "ldap:///{self.account}";)

dn: ou=people,{self.base}
objectClass: organizationalUnit
ou: people

dn: ou=leavers,{self.base}
objectClass: organizationalUnit
ou: leavers

dn: ou=groups,{self.base}
objectClass: organizationalUnit
ou: groups

dn: {self.account}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: sync
userPassword: {self.account_password}
""")

    configure = Slapd.configure
