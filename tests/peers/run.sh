#!/bin/sh
# Official clients that nobody here wrote, against the practice platform.
#
#   sh tests/peers/run.sh PATH/TO/suanpan
#
# They are installed with pinned versions into a folder that is thrown away; 75 says that they could
# not be.
set -eu
export PYTHONDONTWRITEBYTECODE=1
here=$(cd "$(dirname "$0")" && pwd)
suanpan=$1
work=$(mktemp -d)
serving=
tidy_up() {
  [ -z "$serving" ] || kill -INT "$serving" 2>/dev/null || true
  rm -rf "$work"
}
trap tidy_up EXIT

echo '==> installing wechatpayv3 and stripe (PyPI), alipay-sdk (npm)'
{
  python3 -m venv "$work/python" &&
    "$work/python/bin/pip" install --quiet --disable-pip-version-check \
      --requirement "$here/requirements.txt"
} || exit 75
mkdir "$work/node"
cp "$here/package.json" "$here/alipay.mjs" "$work/node"
npm --prefix "$work/node" install --silent --no-audit --no-fund --no-save || exit 75

"$suanpan" practice serve --json --days 20 --size 6 --cards 3 --out "$work/platform" \
  > "$work/said.json" &
serving=$!
for _ in $(seq 100); do
  grep -q '^}' "$work/said.json" && break
  sleep 0.1
done

peer() {
  echo "==> $1"
  shift
  "$@"
}
peer 'wechatpayv3 (PyPI)' "$work/python/bin/python" "$here/wechat_pay.py" "$work/platform"
peer 'alipay-sdk (npm)' node "$work/node/alipay.mjs" "$work/platform"
peer 'stripe (PyPI)' "$work/python/bin/python" "$here/stripe_peer.py" "$work/platform"
peer 'OpenSSL for UnionPay' sh "$here/union_pay.sh" "$work/platform"
echo 'every peer agrees'
