"""wechatpayv3 against the practice platform: orders, refunds, callbacks, bills, wrong signatures."""

import gzip
import hashlib
import json
import pathlib
import sys
import urllib.request
from datetime import date, timedelta

from listener import Listener
from wechatpayv3 import WeChatPay, WeChatPayType

folder = pathlib.Path(sys.argv[1])
setup = json.loads((folder / "wechat_pay.json").read_text())
fields, base = setup["fields"], setup["base"]


def control(path, **body):
    call = urllib.request.Request(
        f"{base}/practice/{path}",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    assert json.load(urllib.request.urlopen(call))["done"], path


client = WeChatPay(
    wechatpay_type=WeChatPayType.NATIVE,
    mchid=fields["mchid"],
    private_key=fields["private_key_pem"],
    cert_serial_no=fields["serial_no"],
    appid=fields["appid"],
    apiv3_key=fields["api_v3_key"],
    notify_url="https://example.com/notify",
    public_key=fields["public_key_pem"],
    public_key_id=fields["public_key_id"],
)
client._core._gate_way = base


def expect(what, answer, expected, **wanted):
    status, text = answer
    assert status == expected, (what, status, text)
    body = json.loads(text) if text else {}
    for name, value in wanted.items():
        assert body[name] == value, (what, name, body)
    print(f"    {what}: {status} {' '.join(str(v) for v in wanted.values())}")
    return body


made = client.pay("拿铁", "PEER000001", {"total": 1000}, attach="counter-1")
assert expect("create", made, 200)["code_url"].startswith("weixin://")
expect("query", client.query(out_trade_no="PEER000001"), 200, trade_state="NOTPAY")
control("pay", channel="wechat_pay", order="PEER000001")
paid = client.query(out_trade_no="PEER000001")
number = expect("query", paid, 200, trade_state="SUCCESS")["transaction_id"]
expect("query by id", client.query(transaction_id=number), 200, out_trade_no="PEER000001")

client.pay("美式", "PEER000002", {"total": 500})
status, _ = client.close("PEER000002")
assert status == 204
expect("query", client.query(out_trade_no="PEER000002"), 200, trade_state="CLOSED")
expect("query", client.query(out_trade_no="PEER000009"), 404, code="ORDER_NOT_EXIST")

amount = {"refund": 300, "total": 1000, "currency": "CNY"}
refund = client.refund("PEERREFUND1", amount, out_trade_no="PEER000001")
expect("refund", refund, 200, status="PROCESSING")
expect("refund query", client.query_refund("PEERREFUND1"), 200, out_refund_no="PEERREFUND1")
over = {"refund": 701, "total": 1000, "currency": "CNY"}
expect("refund too much", client.refund("PEERREFUND2", over, out_trade_no="PEER000001"), 400,
       code="INVALID_REQUEST")

day = (date.today() - timedelta(days=3)).isoformat()
for what, ask in (
    ("trade bill", client.trade_bill(day, tar_type="GZIP")),
    ("fund bill", client.fundflow_bill(day, tar_type="GZIP")),
):
    offer = expect(what, ask, 200, hash_type="SHA1")
    status, packed = client.download_bill(offer["download_url"])
    plain = gzip.decompress(packed)
    assert status == 200 and hashlib.sha1(plain).hexdigest() == offer["hash_value"]
    name = {"trade bill": "All", "fund bill": "Basic"}[what]
    file = folder / "files" / "wechat" / f"{fields['mchid']}{name}{day}.csv"
    assert plain == file.read_bytes(), "the bill is not the shop's file"
    print(f"    {what} of {day}: {len(plain)} bytes, the file's own")
expect("no such bill", client.fundflow_bill(day, account_type="FEES"), 400,
       code="NO_STATEMENT_EXIST")

control("faults", on="PEER000001", action={"do": "wrong_signature"})
try:
    client.query(out_trade_no="PEER000001")
except Exception as refused:
    print(f"    a wrong signature: {refused}")
else:
    sys.exit("the client believed a wrong signature")

listener = Listener()
client.pay("蛋挞", "PEER000003", {"total": 800}, notify_url=listener.url)
control("faults", on="NOTICE wechat_pay", action={"do": "wrong_signature"})
control("pay", channel="wechat_pay", order="PEER000003")
headers, body = listener.next()
assert client.callback(headers, body) is None, "the client believed a wrong signature"
print("    a callback with a wrong signature: refused")
amount = {"refund": 800, "total": 800, "currency": "CNY"}
client.refund("PEERREFUND3", amount, out_trade_no="PEER000003", notify_url=listener.url)
control("refund", channel="wechat_pay", refund="PEERREFUND3", state="SUCCESS")
said = client.callback(*listener.next())
assert said and said["event_type"] == "REFUND.SUCCESS", said
assert said["resource"]["out_refund_no"] == "PEERREFUND3", said
print(f"    a callback: {said['event_type']} {said['resource']['out_refund_no']}")
