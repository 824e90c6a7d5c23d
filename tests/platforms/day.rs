//! What happens in the shop, step by step, through its own admin API.

use crate::server::Server;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

type Step = fn(&Server) -> Result<()>;

/// In this order: later steps go on with the orders of earlier ones.
pub const STEPS: &[(&str, Step)] = &[
    ("a cart nobody placed", |s| s.cart(3).map(drop)),
    ("an order that is authorised only", |s| s.sell(2, "authorize").map(drop)),
    ("an order that is captured at once", |s| s.sell(4, "settle").map(drop)),
    ("a payment declined, then another one taken", |s| s.sell(1, "decline").map(drop)),
    ("the authorised order is captured", |s| s.settle(1)),
    ("it is captured once more, which changes nothing", |s| s.settle(1)),
    ("a part of it is refunded", |s| s.refund(1, 525, "broken", "Settled")),
    ("the same refund again, which refunds twice", |s| s.refund(1, 525, "broken", "Settled")),
    ("a refund that the payment service refuses", |s| s.refund(1, 300, "refuse", "Failed")),
    ("a refund above what is left", |s| {
        let refused = s.refund_raw(1, 999_999, "too much")?;
        ensure!(refused["errorCode"] == "REFUND_AMOUNT_ERROR", "{refused}");
        Ok(())
    }),
    ("a refund that is still under way", |s| s.refund(1, 200, "later", "Pending")),
    ("an order is made smaller, with its refund", |s| s.modify(2, -1, Some(1250))),
    ("an order is shipped and delivered", |s| s.deliver(3)),
    ("the delivered order is refunded in part", |s| s.refund_of(3, 100, "late", "Settled")),
    ("a captured order is cancelled, which moves no money", |s| {
        s.sell(1, "settle").and_then(|o| s.cancel(&o))
    }),
    ("the cancelled order is refunded in full", |s| s.refund_of(4, 1750, "cancelled", "Settled")),
    ("an authorised order is cancelled", |s| s.sell(1, "authorize").and_then(|o| s.cancel(&o))),
    ("an authorisation is given up", |s| {
        let order = s.sell(1, "authorize")?;
        let id = order["payments"][0]["id"].clone();
        let query = "mutation($id:ID!){cancelPayment(id:$id)\
                     {...on Payment{state} ...on ErrorResult{errorCode}}}";
        let payment = s.admin(query, json!({ "id": id }))?;
        ensure!(payment["state"] == "Cancelled", "{payment}");
        Ok(())
    }),
    ("ten orders at once", |s| s.sell_many(10)),
];

const REFUND: &str = "mutation($i:RefundOrderInput!){refundOrder(input:$i)\
    {...on Refund{id state total} ...on ErrorResult{errorCode message}}}";

impl Server {
    fn settle(&self, payment: u32) -> Result<()> {
        let query = "mutation($id:ID!){settlePayment(id:$id)\
                     {...on Payment{state} ...on ErrorResult{errorCode}}}";
        let payment = self.admin(query, json!({ "id": payment.to_string() }))?;
        ensure!(payment["state"] == "Settled", "{payment}");
        Ok(())
    }

    fn refund_raw(&self, payment: u32, amount: i64, reason: &str) -> Result<Value> {
        // The three last fields are called deprecated; without them money goes out and no refund
        // is written.
        let input = json!({ "paymentId": payment.to_string(), "amount": amount, "reason": reason,
            "lines": [], "shipping": 0, "adjustment": 0 });
        self.admin_raw(REFUND, json!({ "i": input }))
    }

    fn refund(&self, payment: u32, amount: i64, reason: &str, state: &str) -> Result<()> {
        let refund = self.refund_raw(payment, amount, reason)?;
        ensure!(refund["state"] == state, "{refund}");
        Ok(())
    }

    /// Refunds the payment of an order that settled.
    fn refund_of(&self, order: u32, amount: i64, reason: &str, state: &str) -> Result<()> {
        let query = "query($id:ID!){order(id:$id){payments{id state}}}";
        let found = self.admin(query, json!({ "id": self.nth(order)? }))?;
        let payments = found["payments"].as_array().context("no payments")?;
        let settled = payments.iter().find(|payment| payment["state"] == "Settled");
        let id = settled.and_then(|payment| payment["id"].as_str()).context("no payment")?;
        self.refund(id.parse()?, amount, reason, state)
    }

    /// The id of the nth order that was placed.
    fn nth(&self, order: u32) -> Result<String> {
        let query = "query{orders(options:{take:100,sort:{orderPlacedAt:ASC},\
                     filter:{active:{eq:false}}}){items{id}}}";
        let list = self.admin(query, json!({}))?;
        let id = list["items"][order as usize - 1]["id"].as_str();
        Ok(id.context("no such order")?.to_owned())
    }

    /// Takes articles off an order and gives back what they cost.
    fn modify(&self, order: u32, by: i64, refund: Option<i64>) -> Result<()> {
        let id = self.nth(order)?;
        let query = "query($id:ID!){order(id:$id){lines{id quantity} payments{id state}}}";
        let found = self.admin(query, json!({ "id": id }))?;
        self.to_state(&id, "Modifying")?;
        let line = &found["lines"][0];
        let quantity = line["quantity"].as_i64().context("no quantity")? + by;
        let payment = &found["payments"][0]["id"];
        let refunds: Vec<Value> = refund
            .iter()
            .map(|amount| json!({ "paymentId": payment, "amount": amount, "reason": "smaller" }))
            .collect();
        let modified = self.admin(
            "mutation($i:ModifyOrderInput!){modifyOrder(input:$i)\
             {...on Order{totalWithTax} ...on ErrorResult{errorCode message}}}",
            json!({ "i": { "orderId": id, "dryRun": false, "refunds": refunds,
                "adjustOrderLines": [{ "orderLineId": line["id"], "quantity": quantity }] } }),
        )?;
        ensure!(modified["totalWithTax"].is_i64(), "{modified}");
        self.to_state(&id, "PaymentSettled")
    }

    fn to_state(&self, order: &str, state: &str) -> Result<()> {
        let query = "mutation($id:ID!,$s:String!){transitionOrderToState(id:$id,state:$s)\
                     {...on Order{state} ...on OrderStateTransitionError{transitionError}}}";
        let moved = self.admin(query, json!({ "id": order, "s": state }))?;
        ensure!(moved["state"] == state, "{moved}");
        Ok(())
    }

    fn deliver(&self, order: u32) -> Result<()> {
        let id = self.nth(order)?;
        let found =
            self.admin("query($id:ID!){order(id:$id){lines{id quantity}}}", json!({ "id": id }))?;
        let line = &found["lines"][0];
        let parcel = self.admin(
            "mutation($i:FulfillOrderInput!){addFulfillmentToOrder(input:$i)\
             {...on Fulfillment{id} ...on ErrorResult{errorCode message}}}",
            json!({ "i": { "lines": [{ "orderLineId": line["id"], "quantity": line["quantity"] }],
                "handler": { "code": "manual-fulfillment", "arguments": [
                    { "name": "method", "value": "SF" },
                    { "name": "trackingCode", "value": "SF1" }] } } }),
        )?;
        for state in ["Shipped", "Delivered"] {
            let query = "mutation($id:ID!,$s:String!){transitionFulfillmentToState(id:$id,state:$s)\
                         {...on Fulfillment{state} ...on ErrorResult{errorCode}}}";
            self.admin(query, json!({ "id": parcel["id"], "s": state }))?;
        }
        Ok(())
    }

    fn cancel(&self, order: &Value) -> Result<()> {
        let canceled = self.admin(
            "mutation($id:ID!){cancelOrder(input:{orderId:$id,cancelShipping:true,reason:\"c\"})\
             {...on Order{state} ...on ErrorResult{errorCode message}}}",
            json!({ "id": order["id"] }),
        )?;
        ensure!(canceled["state"] == "Cancelled", "{canceled}");
        Ok(())
    }
}
