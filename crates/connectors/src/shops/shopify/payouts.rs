//! What Shopify Payments pays out, and the moves of its balance that explain it.

use super::{WireMoney, WireNodes, ask, check_cursor, exact, graphql};
use crate::error::CallError;
use crate::http::{HttpAnswer, HttpRequest};
use crate::shops::{Setup, contract, time};
use domain::Money;
use serde::Deserialize;
use serde_json::json;

/// Items on a page.
const PAGE: u32 = 100;

/// A payout, or a withdrawal where the balance was negative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShopPayout {
    /// `gid://shopify/ShopifyPaymentsPayout/N`.
    pub id: String,
    /// When it was issued, UTC ms.
    pub issued_at_ms: i64,
    /// Shopify's word: `SCHEDULED`, `PAID`, `FAILED`, `CANCELED`, `IN_TRANSIT`.
    pub word: String,
    /// True for a withdrawal from the merchant's bank.
    pub withdrawal: bool,
    /// What reaches the bank.
    pub net: Money,
    /// The bank's own number, where the version of the protocol has it.
    pub bank_reference: String,
}

/// A move of the balance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BalanceMove {
    /// Its id.
    pub id: String,
    /// Shopify's word: `CHARGE`, `REFUND`, `ADJUSTMENT`, `PAYOUT`…
    pub word: String,
    /// When, UTC ms.
    pub at_ms: i64,
    /// Before the fee.
    pub amount: Money,
    /// The fee, as Shopify signs it.
    pub fee: Money,
    /// What the balance changes by.
    pub net: Money,
    /// The order's number, where it has one.
    pub order: String,
    /// The payout it is part of, where there is one already.
    pub payout: Option<String>,
    /// True for a move that is no real money.
    pub test: bool,
}

/// Asks for a page of payouts, latest first.
///
/// # Errors
/// [`CallError::NotSent`] for a mark that is none.
pub fn payouts_request(setup: &Setup, after: Option<&str>) -> Result<HttpRequest, CallError> {
    check_cursor(after)?;
    let query = "query($first:Int!,$after:String){shopifyPaymentsAccount{payouts(first:$first,\
        after:$after,sortKey:ISSUED_AT,reverse:true){nodes{id issuedAt status transactionType \
        externalTraceId net{amount currencyCode}} pageInfo{hasNextPage endCursor}}}}";
    Ok(ask(setup, query, &json!({ "first": PAGE, "after": after })))
}

/// Reads the answer to [`payouts_request`]: payouts, and where the next page starts. A shop
/// without Shopify Payments has none.
///
/// # Errors
/// [`CallError`].
pub fn read_payouts(answer: &HttpAnswer) -> Result<(Vec<ShopPayout>, Option<String>), CallError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Wire {
        shopify_payments_account: Option<Account>,
    }
    #[derive(Deserialize)]
    struct Account {
        payouts: WireNodes<WirePayout>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct WirePayout {
        id: String,
        issued_at: String,
        status: String,
        transaction_type: String,
        #[serde(default)]
        external_trace_id: Option<String>,
        net: WireMoney,
    }
    let wire: Wire = graphql::read(answer)?;
    let Some(Account { payouts }) = wire.shopify_payments_account else {
        return Ok((Vec::new(), None));
    };
    let next = payouts.next()?;
    let read = |payout: WirePayout| {
        Ok(ShopPayout {
            issued_at_ms: time("issuedAt", &payout.issued_at)
                .map_err(|_| contract("issuedAt is no time"))?,
            withdrawal: payout.transaction_type == "WITHDRAWAL",
            net: exact("net", &payout.net)?,
            id: payout.id,
            word: payout.status,
            bank_reference: payout.external_trace_id.unwrap_or_default(),
        })
    };
    let payouts = payouts.nodes.into_iter().map(read).collect::<Result<_, CallError>>()?;
    Ok((payouts, next))
}

/// Asks for a page of the balance's moves; `query` narrows it in Shopify's own language.
///
/// # Errors
/// [`CallError::NotSent`] for a mark that is none.
pub fn moves_request(
    setup: &Setup,
    query: &str,
    after: Option<&str>,
) -> Result<HttpRequest, CallError> {
    check_cursor(after)?;
    let text = "query($first:Int!,$after:String,$query:String){shopifyPaymentsAccount\
        {balanceTransactions(first:$first,after:$after,query:$query){nodes{id type test \
        transactionDate amount{amount currencyCode} fee{amount currencyCode} \
        net{amount currencyCode} associatedOrder{id name} associatedPayout{id status}} \
        pageInfo{hasNextPage endCursor}}}}";
    Ok(ask(setup, text, &json!({ "first": PAGE, "after": after, "query": query })))
}

/// Reads the answer to [`moves_request`]: moves, and where the next page starts.
///
/// # Errors
/// [`CallError`]; a move whose net is neither its amount less nor plus its fee breaks the contract.
pub fn read_moves(answer: &HttpAnswer) -> Result<(Vec<BalanceMove>, Option<String>), CallError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Wire {
        shopify_payments_account: Option<Account>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Account {
        balance_transactions: WireNodes<WireMove>,
    }
    let wire: Wire = graphql::read(answer)?;
    let Some(Account { balance_transactions: moves }) = wire.shopify_payments_account else {
        return Ok((Vec::new(), None));
    };
    let next = moves.next()?;
    let moves = moves.nodes.into_iter().map(read_move).collect::<Result<_, CallError>>()?;
    Ok((moves, next))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireMove {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    test: bool,
    transaction_date: String,
    amount: WireMoney,
    fee: WireMoney,
    net: WireMoney,
    #[serde(default)]
    associated_order: Option<WireOf>,
    #[serde(default)]
    associated_payout: Option<WireOf>,
}

#[derive(Deserialize)]
struct WireOf {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    name: Option<String>,
}

fn read_move(wire: WireMove) -> Result<BalanceMove, CallError> {
    let (amount, fee) = (exact("amount", &wire.amount)?, exact("fee", &wire.fee)?);
    let net = exact("net", &wire.net)?;
    // The documents do not say how a fee is signed.
    let fits =
        net.minor() == amount.minor() - fee.minor() || net.minor() == amount.minor() + fee.minor();
    if !fits || amount.currency() != net.currency() || fee.currency() != net.currency() {
        return Err(contract("a move's parts do not make its net"));
    }
    let at = time("transactionDate", &wire.transaction_date);
    Ok(BalanceMove {
        at_ms: at.map_err(|_| contract("transactionDate is no time"))?,
        id: wire.id,
        word: wire.kind,
        amount,
        fee,
        net,
        order: wire.associated_order.and_then(|order| order.name).unwrap_or_default(),
        payout: wire.associated_payout.and_then(|payout| payout.id),
        test: wire.test,
    })
}

/// How far a payout is from the sum of its moves, minor units; 0 proves it. The payout's own row
/// is no part of it.
///
/// # Errors
/// [`CallError::Contract`] where a move has another currency, or the sum leaves every range.
pub fn explain(payout: &ShopPayout, moves: &[BalanceMove]) -> Result<i64, CallError> {
    let own = |item: &&BalanceMove| item.payout.as_deref() == Some(payout.id.as_str());
    let parts = moves.iter().filter(own).filter(|item| item.word != "PAYOUT");
    let mut sum =
        Money::from_minor(0, payout.net.currency()).map_err(|_| contract("no amount at all"))?;
    for part in parts {
        sum = sum.checked_add(part.net).map_err(|_| contract("moves of another currency"))?;
    }
    let signed = if payout.withdrawal { -payout.net.minor().abs() } else { payout.net.minor() };
    Ok(signed - sum.minor())
}
