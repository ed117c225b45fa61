"""One user, or a whole tenant, in the formats that exports come in. A user is what support.user() makes."""

import base64
import csv
import io

CSV_COLUMNS = ["Display name", "DirSyncEnabled", "User principal name", "Object Id", "First name", "Last name",
               "When created", "Soft deletion time stamp", "Title", "Department", "City", "CountryOrRegion",
               "StateOrProvince", "Usage location", "Block credential", "Licenses", "Password never expires",
               "Mobile Phone", "Phone number", "Postal code", "Street address", "Fax", "Proxy addresses"]


def csv_row(user, licences="Power Apps Premium"):
    text = {"Display name": "displayName", "User principal name": "userPrincipalName", "Object Id": "id",
            "First name": "givenName", "Last name": "surname", "Title": "jobTitle", "City": "city",
            "CountryOrRegion": "country", "StateOrProvince": "state", "Mobile Phone": "mobilePhone",
            "Postal code": "postalCode", "Street address": "streetAddress", "Fax": "faxNumber",
            "Soft deletion time stamp": "deletedDateTime"}
    row = {column: user.get(key) or "" for column, key in text.items()}
    row["Phone number"] = (user.get("businessPhones") or [""])[0]
    row["Block credential"] = "False" if user["accountEnabled"] else "True"
    row["Licenses"] = licences
    row["Proxy addresses"] = f"smtp:old.{user['mail']}+SMTP:{user['mail']}" if user.get("mail") else ""
    return row


def csv_text(rows, delimiter=",", line_break="\r\n"):
    out = io.StringIO()
    writer = csv.DictWriter(out, CSV_COLUMNS, delimiter=delimiter, lineterminator=line_break, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def ldif_line(name, value):
    plain = value.isascii() and value.isprintable() and value[:1] not in " :<" and not value.endswith(" ")
    return f"{name}: {value}\n" if plain else f"{name}:: {base64.b64encode(value.encode()).decode()}\n"


def dn_of(user):
    return f"uid={user['userPrincipalName'].split('@')[0]},ou=people,dc=contoso,dc=example"


def ldif_entry(user):
    attributes = {"userPrincipalName": "userPrincipalName", "givenName": "givenName", "sn": "surname",
                  "displayName": "displayName", "mail": "mail", "title": "jobTitle", "mobile": "mobilePhone",
                  "facsimileTelephoneNumber": "faxNumber", "street": "streetAddress", "l": "city", "st": "state",
                  "postalCode": "postalCode", "co": "country", "entryUUID": "id"}
    text = f"dn: {dn_of(user)}\nobjectClass: inetOrgPerson\n"
    for name, key in attributes.items():
        if user.get(key):
            text += ldif_line(name, user[key])
    for phone in user.get("businessPhones") or []:
        text += ldif_line("telephoneNumber", phone)
    if not user["accountEnabled"]:
        text += "pwdAccountLockedTime: 000001010000Z\n"
    return text + "\n"


def ldif_group(name, members, identifier=None, owners=()):
    text = f"dn: cn={name},ou=groups,dc=contoso,dc=example\nobjectClass: groupOfNames\ncn: {name}\n"
    if identifier:
        text += f"entryUUID: {identifier}\n"
    text += "".join(f"member: {dn_of(member)}\n" for member in members)
    return text + "".join(f"owner: {dn_of(owner)}\n" for owner in owners) + "\n"
