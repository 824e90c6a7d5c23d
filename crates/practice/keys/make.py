"""Makes the practice platform's keys and certificates anew: `python3 make.py`, with `cryptography`.

They protect nothing: everybody has them. The authorities' private keys are thrown away.
"""

import datetime
import hashlib
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization as form
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

HERE = pathlib.Path(__file__).parent
OID = {
    "C": NameOID.COUNTRY_NAME,
    "O": NameOID.ORGANIZATION_NAME,
    "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "CN": NameOID.COMMON_NAME,
}
names = {}


def day(text):
    return datetime.datetime.strptime(text, "%Y-%m-%d")


def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def write(name, data):
    (HERE / name).write_bytes(data)


def kept(name):
    made = key()
    write(f"{name}.key.pem", made.private_bytes(
        form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()))
    write(f"{name}.public.pem", made.public_key().public_bytes(
        form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo))
    return made


def subject(*parts):
    return x509.Name([x509.NameAttribute(OID[k], v) for k, v in parts])


def certificate(name, public, serial, issuer, signer, until="2049-12-31", authority=False):
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(serial)
        .not_valid_before(day("2020-01-01"))
        .not_valid_after(day(until))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .sign(signer, hashes.SHA256())
    )
    return made.public_bytes(form.Encoding.PEM)


def alipay_name(issuer, serial):
    """Alipay's name of a certificate: MD5 of its issuer, last part first, and its number."""
    short = {v: k for k, v in OID.items()}
    parts = [f"{short[part.oid]}={part.value}" for part in issuer]
    text = ",".join(reversed(parts)) + str(serial)
    return hashlib.md5(text.encode()).hexdigest()


# WeChat Pay: a public key, and platform certificates.
tenpay, tenpay_name = key(), subject(("C", "CN"), ("O", "Practice"), ("CN", "Practice Tenpay Root"))
shop = kept("wechat-shop").public_key()
mine = subject(("C", "CN"), ("O", "Practice Shop"), ("CN", "1900000109"))
write("wechat-shop.pem", certificate(
    mine, shop, 0x5F4E3D2C1B0A99887766554433221100AABBCCDD, tenpay_name, tenpay))
keys = {name: kept(name).public_key() for name in ("wechat", "wechat-next")}
sign = subject(("C", "CN"), ("O", "Practice"), ("CN", "Practice Tenpay sign"))
for name, public, serial, until in (
    ("wechat", "wechat", 0x5157F09EFDC096DE15EBE81A47057A7232F1B8E1, "2049-12-31"),
    ("wechat-next", "wechat-next", 0x6A41B3F7709DC5D18A4E2C9B0F6D81E35577A9C2, "2049-12-31"),
    ("wechat-expired", "wechat", 0x3B90C6D11E5A47F2A86B7D04CE125F9384D6E0A7, "2021-01-01"),
):
    write(f"{name}.pem", certificate(sign, keys[public], serial, tenpay_name, tenpay, until))

# Alipay: a public key; or certificates under a root file that holds one of another family too.
unit = (("C", "CN"), ("O", "Practice Fin"), ("OU", "Certification Authority"))
ant, ant_name = key(), subject(*unit, ("CN", "Practice Fin Root R1"))
odd, odd_name = ec.generate_private_key(ec.SECP256R1()), subject(*unit, ("CN", "Practice Root E1"))
shop = kept("alipay-shop").public_key()
keys = {name: kept(name).public_key() for name in ("alipay", "alipay-next")}
write("alipay-root.pem", b"\n".join((
    certificate(ant_name, ant.public_key(), 0x4D2E7A10, ant_name, ant, authority=True),
    certificate(odd_name, odd.public_key(), 0x1001, odd_name, odd, authority=True),
)))
names["alipay-root"] = alipay_name(ant_name, 0x4D2E7A10)
alipay = subject(("C", "CN"), ("O", "Practice Fin"), ("CN", "Practice Alipay"))
company = subject(("C", "CN"), ("O", "Practice Shop"), ("CN", "2088211234567890"))
for name, whose, public, serial, until in (
    ("alipay-shop", company, shop, 0x2603050000000123456789, "2049-12-31"),
    ("alipay", alipay, keys["alipay"], 0x2603050000000777, "2049-12-31"),
    ("alipay-next", alipay, keys["alipay-next"], 0x2603050000000888, "2049-12-31"),
    ("alipay-expired", alipay, keys["alipay"], 0x2603050000000666, "2021-01-01"),
):
    write(f"{name}.pem", certificate(whose, public, serial, ant_name, ant, until))
    names[name] = alipay_name(ant_name, serial)

# UnionPay: leaf, middle, root. The leaf's name has UnionPay in its third place.
acp, acp_name = key(), subject(("C", "CN"), ("O", "PRACTICE"), ("CN", "Practice ACP Root"))
oca, oca_name = key(), subject(("C", "CN"), ("O", "PRACTICE"), ("CN", "Practice ACP OCA"))
write("union-root.pem", certificate(
    acp_name, acp.public_key(), 1001, acp_name, acp, authority=True))
write("union-middle.pem", certificate(
    oca_name, oca.public_key(), 1002, acp_name, acp, authority=True))
shop = kept("union-shop").public_key()
keys = {name: kept(name).public_key() for name in ("union", "union-next")}
for name, whose, public, serial, until in (
    ("union", "中国银联股份有限公司", keys["union"], 69597077556, "2049-12-31"),
    ("union-next", "中国银联股份有限公司", keys["union-next"], 69597077999, "2049-12-31"),
    ("union-expired", "中国银联股份有限公司", keys["union"], 69597077111, "2021-01-01"),
    ("union-foreign", "别家有限公司", keys["union"], 69597077222, "2049-12-31"),
    ("union-shop", "练习小店", shop, 69629715588, "2049-12-31"),
):
    common = subject(("C", "CN"), ("O", "PRACTICE"), ("CN", f"041@PRACTICE@{whose}@1"))
    write(f"{name}.pem", certificate(common, public, serial, oca_name, oca, until))

write("alipay-names.txt", "".join(f"{k} {v}\n" for k, v in names.items()).encode())
