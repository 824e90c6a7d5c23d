#!/bin/sh
# UnionPay's messages by OpenSSL alone: signed, sent, verified, opened.
set -eu
folder=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
field() {
  python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["fields"][sys.argv[2]])' \
    "$folder/union_pay.json" "$1"
}
base=$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["base"])' \
  "$folder/union_pay.json")
for name in private_key_pem sign_cert_pem middle_cert_pem root_cert_pem; do
  field "$name" > "$work/$name"
done
merchant=$(field mer_id)
hex=$(openssl x509 -in "$work/sign_cert_pem" -noout -serial | cut -d= -f2)
number=$(python3 -c 'import sys; print(int(sys.argv[1], 16))' "$hex")

# call PATH k=v ...: prints nothing, leaves the fields of a genuine answer in $work/answer.json
call() {
  path=$1
  shift
  for pair in "$@" version=5.1.0 encoding=UTF-8 signMethod=01 "certId=$number" accessType=0 \
    "merId=$merchant"; do
    printf '%s\n' "$pair"
  done | LC_ALL=C sort > "$work/pairs"
  text=$(paste -sd '&' "$work/pairs")
  hash=$(printf '%s' "$text" | openssl dgst -sha256 -r | cut -d' ' -f1)
  printf '%s' "$hash" | openssl dgst -sha256 -sign "$work/private_key_pem" | base64 -w0 \
    > "$work/signature"
  printf 'signature=%s\n' "$(cat "$work/signature")" >> "$work/pairs"
  set --
  while IFS= read -r pair; do
    set -- "$@" --data-urlencode "$pair"
  done < "$work/pairs"
  curl --silent --show-error --noproxy '*' "$base$path" "$@" > "$work/answer"
  # Splits the answer, which is not encoded, and writes what its signature covers.
  python3 - "$work" <<'P'
import base64, hashlib, json, pathlib, sys
work = pathlib.Path(sys.argv[1])
pairs = (work / "answer").read_bytes().decode().split("&")
fields = dict(pair.split("=", 1) for pair in pairs)
(work / "answer.json").write_text(json.dumps(fields))
(work / "leaf.pem").write_bytes(fields["signPubKeyCert"].encode())
(work / "answer.sign").write_bytes(base64.b64decode(fields.pop("signature")))
text = "&".join(f"{name}={fields[name]}" for name in sorted(fields))
(work / "answer.hash").write_text(hashlib.sha256(text.encode()).hexdigest())
P
  openssl verify -CAfile "$work/root_cert_pem" -untrusted "$work/middle_cert_pem" \
    "$work/leaf.pem" > "$work/chain"
  openssl x509 -in "$work/leaf.pem" -noout -pubkey > "$work/public.pem"
  openssl dgst -sha256 -verify "$work/public.pem" -signature "$work/answer.sign" \
    "$work/answer.hash" > "$work/verdict"
}
said() {
  python3 -c 'import json,sys; print(json.load(open(sys.argv[1])).get(sys.argv[2], ""))' \
    "$work/answer.json" "$1"
}
expect() {
  [ "$(said "$2")" = "$3" ] || { echo "$1: $(said respMsg), $2 is $(said "$2")"; exit 1; }
  echo "    $1: $2=$3, chain and signature hold"
}
now=$(TZ=Asia/Shanghai date +%Y%m%d%H%M%S)
back=/gateway/api/backTransReq.do
common='bizType=000000 channelType=08 currencyCode=156'
url=backUrl=http://www.specialUrl.com
set -f

call $back txnType=01 txnSubType=07 $common $url "orderId=PEER$now" "txnTime=$now" txnAmt=1000
expect 'QR code' respCode 00
[ -n "$(said qrCode)" ]
curl --silent --noproxy '*' -H 'Content-Type: application/json' "$base/practice/pay" \
  -d "{\"channel\":\"union_pay\",\"order\":\"PEER$now\"}" > /dev/null
query=/gateway/api/queryTrans.do
call $query txnType=00 txnSubType=00 bizType=000000 "orderId=PEER$now" "txnTime=$now"
expect 'query' origRespCode 00
paid=$(said queryId)
call $back txnType=04 txnSubType=00 $common $url "orderId=PEERR$now" "txnTime=$now" txnAmt=300 \
  "origQryId=$paid"
expect 'refund' respCode 00
call $back txnType=04 txnSubType=00 $common $url "orderId=PEERX$now" "txnTime=$now" txnAmt=701 \
  "origQryId=$paid"
expect 'refund of too much' respCode 36
call $query txnType=00 txnSubType=00 bizType=000000 orderId=PEERNONE "txnTime=$now"
expect 'query of nothing' respCode 34

day=$(TZ=Asia/Shanghai date -d '3 days ago' +%m%d)
call / txnType=76 txnSubType=01 bizType=000000 fileType=00 "settleDate=$day" "txnTime=$now"
expect 'file of a clearing day' respCode 00
python3 - "$work" <<'P'
import base64, io, json, pathlib, sys, zipfile, zlib
fields = json.loads((pathlib.Path(sys.argv[1]) / "answer.json").read_text())
archive = zipfile.ZipFile(io.BytesIO(zlib.decompress(base64.b64decode(fields["fileContent"]))))
for name in archive.namelist():
    lines = archive.read(name).split(b"\r\n")
    assert lines.pop() == b"" and all(len(line) == 607 for line in lines)
    print(f"    {fields['fileName']}: {name}, {len(lines)} rows of 607 bytes")
P
