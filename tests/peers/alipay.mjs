// alipay-sdk against the practice platform: trades, refunds, notices, bills, the account, in key
// mode.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { AlipaySdk } from "alipay-sdk";

const folder = process.argv[2];
const { base, fields } = JSON.parse(readFileSync(join(folder, "alipay.json"), "utf8"));
const client = new AlipaySdk({
  appId: fields.app_id,
  privateKey: fields.private_key_pem,
  keyType: "PKCS8",
  alipayPublicKey: fields.alipay_public_key_pem,
  gateway: `${base}/gateway.do`,
});

async function control(path, body) {
  const headers = { "Content-Type": "application/json" };
  const said = await fetch(`${base}/practice/${path}`, {
    method: "POST",
    headers,
    body: JSON.stringify(body),
  });
  assert.equal((await said.json()).done, true, path);
}

async function call(method, bizContent, wanted, more = {}) {
  const said = await client.exec(method, { ...more, bizContent }, { validateSign: true });
  for (const [name, value] of Object.entries(wanted)) {
    assert.equal(said[name], value, `${method}: ${JSON.stringify(said)}`);
  }
  console.log(`    ${method}: ${Object.values(wanted).join(" ")}`);
  return said;
}

const order = { out_trade_no: "PEER1", total_amount: "25.50", subject: "拿铁 & {贝果}=2" };
const made = await call("alipay.trade.precreate", order, { code: "10000" });
assert.match(made.qrCode, /^https:\/\/qr\.alipay\.com\//);
const mine = { out_trade_no: "PEER1" };
await call("alipay.trade.query", mine, { code: "40004", subCode: "ACQ.TRADE_NOT_EXIST" });
await control("pay", { channel: "alipay", order: "PEER1" });
await call("alipay.trade.query", mine, { tradeStatus: "TRADE_SUCCESS", totalAmount: "25.50" });

const refund = { ...mine, refund_amount: "10.00", out_request_no: "PEER1-1" };
await call("alipay.trade.refund", refund, { fundChange: "Y", refundFee: "10.00" });
await call("alipay.trade.refund", refund, { fundChange: "N", refundFee: "10.00" });
const asked = { ...mine, out_request_no: "PEER1-1" };
await call("alipay.trade.fastpay.refund.query", asked, { refundStatus: "REFUND_SUCCESS" });

const code = { out_trade_no: "PEER2", total_amount: "8", subject: "蛋挞", scene: "bar_code" };
await call("alipay.trade.pay", { ...code, auth_code: "281234567890123456" }, { code: "10000" });
await call("alipay.trade.cancel", { out_trade_no: "PEER2" }, { action: "refund" });
await call("alipay.trade.precreate", { ...order, out_trade_no: "PEER3" }, { code: "10000" });
await call("alipay.trade.close", { out_trade_no: "PEER3" }, { subCode: "ACQ.TRADE_NOT_EXIST" });

const beijing = (days) => new Date(Date.now() + 8 * 3600e3 - days * 86400e3).toISOString();
const day = beijing(3).slice(0, 10);
for (const kind of ["trade", "signcustomer"]) {
  const biz = { bill_type: kind, bill_date: day };
  const method = "alipay.data.dataservice.bill.downloadurl.query";
  const { billDownloadUrl } = await call(method, biz, { code: "10000" });
  const archive = Buffer.from(await (await fetch(billDownloadUrl)).arrayBuffer());
  const name = `20882112345678900156_${day.replaceAll("-", "")}.csv.zip`;
  const file = readFileSync(join(folder, "files", "alipay", kind, name));
  assert(archive.equals(file), "the archive is not the shop's file");
  console.log(`    ${kind} of ${day}: ${archive.length} bytes, the file's own`);
}
const span = { start_time: `${day} 00:00:00`, end_time: `${beijing(2).slice(0, 10)} 00:00:00` };
const log = await call("alipay.data.bill.accountlog.query", span, { pageNo: "1" });
console.log(`    account log of ${day}: ${log.totalSize} rows`);
await call("alipay.data.bill.balance.query", {}, { freezeAmount: "0.00" });

await control("faults", { on: "alipay.trade.query", action: { do: "wrong_signature" } });
await assert.rejects(call("alipay.trade.query", mine, {}), /验签失败/);
console.log("    a wrong signature: refused");

// Somebody on this computer whom Alipay tells, one notice after the other.
const heard = [];
let wake = () => {};
const listener = createServer(async (request, answer) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  heard.push(Object.fromEntries(new URLSearchParams(Buffer.concat(parts).toString())));
  answer.end("success");
  wake();
});
await new Promise((listening) => listener.listen(0, "127.0.0.1", listening));
async function next() {
  while (heard.length === 0) await new Promise((come) => (wake = come));
  return heard.shift();
}
const notifyUrl = `http://127.0.0.1:${listener.address().port}/told`;
const told = { ...order, out_trade_no: "PEER4" };
await call("alipay.trade.precreate", told, { code: "10000" }, { notifyUrl });
await control("pay", { channel: "alipay", order: "PEER4" });
const paid = await next();
assert.equal(paid.trade_status, "TRADE_SUCCESS");
assert(client.checkNotifySignV2(paid), "the client believes a genuine notice");
assert(!client.checkNotifySignV2({ ...paid, total_amount: "25.51" }), "and no other amount");
await control("faults", { on: "NOTICE alipay", action: { do: "wrong_signature" } });
const part = { out_trade_no: "PEER4", refund_amount: "1.00", out_request_no: "PEER4-1" };
await call("alipay.trade.refund", part, { fundChange: "Y" });
assert(!client.checkNotifySignV2(await next()), "nor a wrong signature");
console.log("    notices: a genuine one is believed, two others are refused");
listener.close();
listener.closeAllConnections();
