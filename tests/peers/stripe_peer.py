"""stripe-python against the practice platform: charges, refunds, lists, payouts, idempotency,
events."""

import json
import pathlib
import sys
import urllib.request

import stripe
from listener import Listener

setup = json.loads((pathlib.Path(sys.argv[1]) / "stripe.json").read_text())
key = setup["fields"]["secret_key"]
client = stripe.StripeClient(key, base_addresses={"api": setup["base"]}, max_network_retries=0)

charges = list(client.v1.charges.list({"limit": 7}).auto_paging_iter())
assert len(charges) == 60 and len({charge.id for charge in charges}) == 60
print(f"    charges, page by page: {len(charges)}")

payouts = list(client.v1.payouts.list({"limit": 100}).auto_paging_iter())
proven = 0
for payout in payouts:
    if payout.reconciliation_status != "completed":
        continue
    params = {"payout": payout.id, "limit": 100, "expand": ["data.source"]}
    rows = list(client.v1.balance_transactions.list(params).auto_paging_iter())
    assert sum(row.net for row in rows) == 0, payout.id
    assert sum(row.net for row in rows if row.type != "payout") == payout.amount
    assert all(row.source is None or row.source.id for row in rows), "the sources are objects"
    proven += 1
assert proven > 10
print(f"    payouts whose rows add up: {proven} of {len(payouts)}")

everything = client.v1.balance_transactions.list({"limit": 100}).auto_paging_iter()
net = sum(row.net for row in everything)
balance = client.v1.balance.retrieve()
assert net == balance.available[0].amount + balance.pending[0].amount
print(f"    balance: {net} cents, the sum of its rows")

made = client.v1.charges.create({"amount": 2550, "currency": "usd", "source": "tok_visa"})
params = {"charge": made.id, "amount": 1000, "metadata": {"order id": "A&B=1", "zh": "退款"}}
once = client.v1.refunds.create(params, {"idempotency_key": "peer-1"})
again = client.v1.refunds.create(params, {"idempotency_key": "peer-1"})
assert once.id == again.id and once.status == "succeeded"
assert once.metadata["zh"] == "退款"
print(f"    refund, twice with one key: {once.amount} cents, once")
try:
    client.v1.refunds.create({"charge": made.id, "amount": 1}, {"idempotency_key": "peer-1"})
except stripe.IdempotencyError as refused:
    print(f"    the same key with another amount: {refused.http_status}")
else:
    sys.exit("another refund under the same key")
try:
    client.v1.refunds.create({"charge": made.id, "amount": 1551})
except stripe.InvalidRequestError as refused:
    print(f"    too much: {refused.http_status} {refused.param}")
else:
    sys.exit("more was given back than was paid")
found = client.v1.charges.retrieve(made.id, {"expand": ["balance_transaction"]})
assert found.amount_refunded == 1000 and found.balance_transaction.fee == 104
try:
    client.v1.charges.retrieve("ch_none")
except stripe.InvalidRequestError as refused:
    print(f"    no such charge: {refused.http_status} {refused.code}")
try:
    wrong = stripe.StripeClient("rk_test_wrong", base_addresses={"api": setup["base"]})
    wrong.v1.balance.retrieve()
except stripe.AuthenticationError as refused:
    print(f"    another key: {refused.http_status}")
else:
    sys.exit("another key was let in")
disputes = client.v1.disputes.list({"limit": 100})
print(f"    disputes: {len(disputes.data)}")


def control(path, **body):
    call = urllib.request.Request(
        f"{setup['base']}/practice/{path}",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    return json.load(urllib.request.urlopen(call))


listener = Listener()
secret = control("endpoint", url=listener.url)["secret"]
made = client.v1.charges.create({"amount": 700, "currency": "usd", "source": "tok_visa"})
headers, body = listener.next()
event = stripe.Webhook.construct_event(body, headers["Stripe-Signature"], secret)
assert event.type == "charge.succeeded" and event.data.object.id == made.id
print(f"    an event: {event.type}")
for action in ({"do": "wrong_signature"}, {"do": "skew", "ms": -301000}):
    control("faults", on="NOTICE stripe", action=action)
    client.v1.refunds.create({"charge": made.id, "amount": 100})
    headers, body = listener.next()
    try:
        stripe.Webhook.construct_event(body, headers["Stripe-Signature"], secret)
    except stripe.SignatureVerificationError as refused:
        print(f"    {action['do']}: {str(refused).splitlines()[0]}")
    else:
        sys.exit(f"the client believed an event with {action}")
