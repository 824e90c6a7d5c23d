// SPDX-License-Identifier: GPL-3.0-or-later
//
// A real Vendure server for the suite, alone on this computer. It imports Vendure, whose licence
// this file therefore carries; the product neither imports nor contains it, and talks to it over
// HTTP only, as to any shop.
//
// usage: node server.mjs <port> <folder for its data>
//
// Its payment service is made up: what becomes of a payment and of a refund is said by whoever
// pays (`metadata.outcome`) and refunds (`reason`). Every movement of money it was asked for is a
// line of `moves.jsonl`, the second witness of the tests.

import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { createRequire } from "node:module";

const [, , port, folder] = process.argv;
if (!port || !folder) {
  console.error("usage: node server.mjs <port> <folder>");
  process.exit(2);
}
// The packages are installed outside the clone: SUANPAN_VENDURE names the folder.
const home = process.env.SUANPAN_VENDURE ?? path.dirname(new URL(import.meta.url).pathname);
const require = createRequire(pathToFileURL(path.join(home, "package.json")));
const {
  bootstrap,
  DefaultLogger,
  defaultShippingCalculator,
  defaultShippingEligibilityChecker,
  LanguageCode,
  LogLevel,
  manualFulfillmentHandler,
  PaymentMethodHandler,
} = require("@vendure/core");

const moves = path.join(folder, "moves.jsonl");
let counter = 0;
// Asked twice for one movement it moves money once, as payment services do: Vendure asks again
// when a settled payment is settled.
const known = new Set();
function note(move) {
  if (known.has(move.reference)) return;
  known.add(move.reference);
  fs.appendFileSync(moves, JSON.stringify(move) + "\n");
}

const card = new PaymentMethodHandler({
  code: "card",
  description: [{ languageCode: LanguageCode.en, value: "A payment service made up for tests" }],
  args: {},
  createPayment(ctx, order, amount, args, metadata) {
    const reference = `pp_${order.code}_${++counter}`;
    switch (metadata.outcome) {
      case "authorize":
        return { amount, state: "Authorized", transactionId: reference };
      case "decline":
        return { amount, state: "Declined", errorMessage: "no money" };
      default:
        note({ kind: "capture", order: order.code, reference, amount });
        return { amount, state: "Settled", transactionId: reference };
    }
  },
  settlePayment(ctx, order, payment) {
    const { transactionId: reference, amount } = payment;
    note({ kind: "capture", order: order.code, reference, amount });
    return { success: true };
  },
  cancelPayment() {
    return { success: true };
  },
  createRefund(ctx, input, amount, order, payment) {
    const reference = `pr_${order.code}_${++counter}`;
    const reason = input.reason ?? "";
    if (reason.startsWith("refuse")) {
      return { state: "Failed", transactionId: reference };
    }
    if (reason.startsWith("later")) {
      return false;
    }
    note({ kind: "refund", order: order.code, reference, amount });
    return { state: "Settled", transactionId: reference };
  },
});

const config = {
  apiOptions: {
    hostname: "127.0.0.1",
    port: Number(port),
    adminApiPath: "admin-api",
    shopApiPath: "shop-api",
  },
  authOptions: {
    tokenMethod: ["bearer", "api-key"],
    superadminCredentials: { identifier: "superadmin", password: "superadmin" },
    cookieOptions: { secret: "for tests only" },
    requireVerification: false,
  },
  dbConnectionOptions: {
    type: "sqljs",
    autoSave: false,
    synchronize: true,
    location: path.join(folder, "shop.sqlite"),
  },
  paymentOptions: { paymentMethodHandlers: [card] },
  shippingOptions: {
    shippingEligibilityCheckers: [defaultShippingEligibilityChecker],
    shippingCalculators: [defaultShippingCalculator],
    fulfillmentHandlers: [manualFulfillmentHandler],
  },
  logger: new DefaultLogger({ level: LogLevel.Warn }),
  importExportOptions: { importAssetsDir: folder },
};

fs.writeFileSync(moves, "");
await bootstrap(config);
console.log("ready");

// Whoever started it holds its input: with them it ends too.
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
