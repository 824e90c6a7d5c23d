//! Which of the merchant's accounts a file is about.

use super::ImportOptions;
use crate::error::Error;
use connectors::bill::{FileKind, FileProblem};
use domain::ledger::Scope;
use domain::{Channel, FundAccount, Stream};
use store::bulk::{Cell, Loader};

/// What the file itself says.
pub struct Wanted<'a> {
    pub kind: &'a FileKind,
    /// The channel that a table's mapping names, or the tender of a record.
    pub settling: Option<Channel>,
    pub stream: Stream,
    pub named: Option<String>,
    pub fund_account: Option<FundAccount>,
}

/// Finds or makes the account. `Ok(Ok(None))` for orders and refunds, which belong to the shop.
///
/// A WeChat fund bill may name no merchant. With one WeChat merchant in the book it is that one;
/// with none yet, it waits under an empty number that the first bill to name one fills in; with
/// several, the file is refused until somebody says which.
pub fn resolve(
    loader: &mut Loader<'_>,
    wanted: &Wanted<'_>,
    options: &ImportOptions,
) -> Result<Result<Option<(i64, Scope)>, FileProblem>, Error> {
    let channel = match wanted.kind {
        _ if matches!(wanted.stream, Stream::Orders | Stream::Refunds) => return Ok(Ok(None)),
        FileKind::WechatTrade { .. } | FileKind::WechatFund => Channel::WechatPay,
        FileKind::AlipayTrade
        | FileKind::AlipayTradeSummary
        | FileKind::AlipayAccount
        | FileKind::AlipayAccountSummary => Channel::Alipay,
        FileKind::UnionPayTrade { .. }
        | FileKind::UnionPayClearing { .. }
        | FileKind::UnionPayAdjustment { .. } => Channel::UnionPay,
        FileKind::StripeTrade { .. } | FileKind::StripeBalance { .. } => Channel::Stripe,
        FileKind::Table { .. } | FileKind::TillTrade { .. } | FileKind::TillMoves { .. } => {
            wanted.settling.unwrap_or(Channel::Bank)
        }
        _ => Channel::Bank,
    };
    let fund_account = match (wanted.kind, wanted.stream) {
        // Stripe keeps a balance for each currency.
        (FileKind::StripeTrade { currency } | FileKind::StripeBalance { currency }, _) => {
            currency.code().to_ascii_lowercase()
        }
        (FileKind::WechatTrade { .. } | FileKind::WechatFund, Stream::Fund) => {
            let said = options.fund_account.or(wanted.fund_account);
            said.unwrap_or(FundAccount::Basic).code().to_owned()
        }
        _ => FundAccount::Basic.code().to_owned(),
    };
    let known = numbers(loader, channel)?;
    let named = wanted.named.clone().or_else(|| options.account_no.clone());
    let account_no = match (named, known.as_slice()) {
        (Some(named), [only]) if only.is_empty() => {
            rename(loader, channel, &named)?;
            named
        }
        (Some(named), _) => named,
        (None, []) => String::new(),
        (None, [only]) => only.clone(),
        (None, _) => {
            let hint = Some("several_merchants_name_one".to_owned());
            return Ok(Err(FileProblem::Unknown { hint }));
        }
    };
    let scope = Scope { channel, account_no, fund_account };
    let id = find_or_make(loader, &scope)?;
    Ok(Ok(Some((id, scope))))
}

fn numbers(loader: &mut Loader<'_>, channel: Channel) -> Result<Vec<String>, Error> {
    let mut numbers = Vec::new();
    loader.query(
        "select distinct account_no from channel_account where channel = $1 order by account_no",
        &[Cell::Text(channel.code())],
        |row| {
            numbers.push(row.text(0)?.to_owned());
            Ok(())
        },
    )?;
    Ok(numbers)
}

/// The merchant's number became known: the account and its ledger accounts take it on.
fn rename(loader: &mut Loader<'_>, channel: Channel, number: &str) -> Result<(), Error> {
    loader.execute(
        "update channel_account set account_no = $2, named_later = 1 \
         where channel = $1 and account_no = ''",
        &[Cell::Text(channel.code()), Cell::Text(number)],
    )?;
    let mut codes = Vec::new();
    loader.query("select id, code from ledger_account", &[], |row| {
        codes.push((row.int(0)?, row.text(1)?.to_owned()));
        Ok(())
    })?;
    for (id, code) in codes {
        if let Some(named) = named_account(&code, channel, number) {
            loader.execute(
                "update ledger_account set code = $2 where id = $1",
                &[Cell::Int(id), Cell::Text(&named)],
            )?;
            // Correcting entries are taken off under the name they were booked under.
            for sql in [
                "update correction set debit = $2 where debit = $1",
                "update correction set credit = $2 where credit = $1",
            ] {
                loader.execute(sql, &[Cell::Text(&code), Cell::Text(&named)])?;
            }
        }
    }
    Ok(())
}

/// The name of a ledger account once its merchant has a number; `None` for one of another channel,
/// or that has a number already.
pub(crate) fn named_account(code: &str, channel: Channel, number: &str) -> Option<String> {
    // `assets:balance:wechat_pay:` and `assets:balance:wechat_pay::operation`.
    let infix = format!(":{}:", channel.code());
    let (role, rest) = code.split_once(&infix)?;
    let nameless = rest.is_empty() || rest.starts_with(':');
    nameless.then(|| format!("{role}{infix}{number}{rest}"))
}

fn find_or_make(loader: &mut Loader<'_>, scope: &Scope) -> Result<i64, Error> {
    let cells = [
        Cell::Text(scope.channel.code()),
        Cell::Text(&scope.account_no),
        Cell::Text(&scope.fund_account),
    ];
    let currency = scope.currency();
    let named = [&cells[..], &[Cell::Text(currency.code())]].concat();
    loader.execute(
        "insert into channel_account (id, channel, account_no, fund_account, currency) \
         select coalesce(max(id), 0) + 1, $1, $2, $3, $4 from channel_account where true \
         on conflict (channel, account_no, fund_account) do nothing",
        &named,
    )?;
    let mut id = 0;
    loader.query(
        "select id from channel_account where channel = $1 and account_no = $2 \
         and fund_account = $3",
        &cells,
        |row| {
            id = row.int(0)?;
            Ok(())
        },
    )?;
    Ok(id)
}
