"""A private Active Directory domain for the tests: dvsync.test, with two service accounts.

provision_domain.py FOLDER CERTIFICATES
`sync` may replicate (DirSync), `plain` may only read. Passwords are the ones the tests know.
"""
import logging
import sys

from samba import dsdb
from samba.auth import system_session
from samba.param import LoadParm
from samba.provision import provision
from samba.samdb import SamDB
from samba.sd_utils import SDUtils

REPLICATION_GET_CHANGES = "1131f6aa-9c07-11d1-f79f-00c04fc2dcd2"
CONFIGURATION = """[global]
netbios name = DC1
realm = DVSYNC.TEST
workgroup = DVSYNC
server role = active directory domain controller
server services = ldap, kdc
interfaces = lo
dsdb:schema update allowed = no
private dir = {folder}/private
state directory = {folder}/state
cache directory = {folder}/cache
lock directory = {folder}
pid directory = {folder}
ncalrpc dir = {folder}/ncalrpc
log file = {folder}/samba.log
tls certfile = {certificates}/server.pem
tls keyfile = {certificates}/server.key
tls cafile = {certificates}/ca.pem
"""


def main(folder, certificates):
    logging.basicConfig(level=logging.WARNING)
    provision(logging.getLogger("provision"), system_session(), targetdir=folder, realm="DVSYNC.TEST", domain="DVSYNC",
              hostname="dc1", hostip="127.0.0.1", adminpass="Passw0rd!adm",
              serverrole="active directory domain controller", dns_backend="NONE",
              dom_for_fun_level=dsdb.DS_DOMAIN_FUNCTION_2008_R2, lp=LoadParm(), smbconf=folder + "/etc/smb.conf",
              skip_sysvolacl=True)
    with open(folder + "/etc/smb.conf", "w", encoding="ascii") as configuration:
        configuration.write(CONFIGURATION.format(folder=folder, certificates=certificates))
    parameters = LoadParm()
    parameters.load(folder + "/etc/smb.conf")
    database = SamDB(url=folder + "/private/sam.ldb", session_info=system_session(), lp=parameters)
    for account in ("sync", "plain"):
        database.newuser(account, "s3cret Value")
    sid = sid_of(database, "sync")
    SDUtils(database).dacl_add_ace(database.domain_dn(), "(OA;;CR;%s;;%s)" % (REPLICATION_GET_CHANGES, sid))
    # Since 4.17.12 (CVE-2023-4154) Samba hides tombstones from an account that may replicate but not read them.
    SDUtils(database).dacl_add_ace("CN=Deleted Objects,%s" % database.domain_dn(), "(A;CI;LCRP;;;%s)" % sid)
    # GSSAPI names the server as the address does.
    database.modify_ldif("dn: CN=DC1,OU=Domain Controllers,%s\nchangetype: modify\nadd: servicePrincipalName\n"
                         "servicePrincipalName: ldap/127.0.0.1\n" % database.domain_dn())


def sid_of(database, account):
    found = database.search(database.domain_dn(), expression="(sAMAccountName=%s)" % account, attrs=["objectSid"])
    return database.schema_format_value("objectSid", found[0]["objectSid"][0]).decode()


main(sys.argv[1], sys.argv[2])
