"""The baseline: what a careful administrator would otherwise write. Reads the export, upserts row by row through psql."""

import json
import os
import subprocess
import sys
import uuid

psql = subprocess.Popen([os.environ["PSQL"], "-X", "-q", "-v", "ON_ERROR_STOP=1", os.environ["CONNECTION"]],
                        stdin=subprocess.PIPE, text=True)


def quoted(value):
    return "NULL" if value in (None, "") else "'" + str(value).replace("'", "''") + "'"


with open(sys.argv[1], encoding="utf-8") as file:
    for number, line in enumerate(file):
        if number >= int(sys.argv[2]):
            break
        user = json.loads(line)
        if "userPrincipalName" not in user:
            continue
        columns = {
            "systemuserid": str(uuid.uuid4()), "azureactivedirectoryobjectid": user["id"],
            "domainname": user["userPrincipalName"], "firstname": user.get("givenName") or "#", "lastname": user.get("surname"),
            "fullname": f"{user.get('givenName') or '#'} {user.get('surname') or ''}".strip(),
            "internalemailaddress": user.get("mail") or user["userPrincipalName"], "jobtitle": user.get("jobTitle"),
            "mobilephone": user.get("mobilePhone"), "address1_line1": user.get("streetAddress"), "address1_city": user.get("city"),
            "address1_stateorprovince": user.get("state"), "address1_postalcode": user.get("postalCode"),
            "address1_country": user.get("country"), "isdisabled": "f" if user.get("accountEnabled") else "t",
            "islicensed": "t", "issyncwithdirectory": "t"}
        kept = ("systemuserid", "azureactivedirectoryobjectid", "fullname", "internalemailaddress")
        updates = ", ".join(f"{c} = excluded.{c}" for c in columns if c not in kept)
        psql.stdin.write(f"INSERT INTO one.systemuser ({', '.join(columns)}) VALUES ({', '.join(map(quoted, columns.values()))}) "
                         f"ON CONFLICT (azureactivedirectoryobjectid) DO UPDATE SET {updates};\n")
psql.stdin.close()
sys.exit(psql.wait())
