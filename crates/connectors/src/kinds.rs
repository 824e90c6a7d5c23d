//! Which words of a channel's fund bill mean which kind of move.
//!
//! The words are an open list. Each channel has one table (`wechat_pay::kinds`,
//! `alipay::kinds`); a book may put rules of its own in front. A word that no rule knows is
//! [`BalanceKind::Unknown`]: it is shown, never guessed.

use domain::BalanceKind;
use std::borrow::Cow;

/// Which way the money of a row went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flow {
    /// Came in.
    In,
    /// Went out.
    Out,
    /// Either.
    Any,
}

/// One rule. Every condition that is set must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindRule {
    /// Number in front of Alipay's 业务描述: `0010001`.
    pub code: Option<Cow<'static, str>>,
    /// WeChat Pay's 业务名称.
    pub name: Option<Cow<'static, str>>,
    /// WeChat Pay's or Alipay's 业务类型.
    pub word: Option<Cow<'static, str>>,
    /// Text the remark contains.
    pub remark: Option<Cow<'static, str>>,
    /// Which way the money must have gone.
    pub flow: Flow,
    /// Whether the row must (or must not) name a payment.
    pub of_payment: Option<bool>,
    /// What the row is.
    pub kind: BalanceKind,
    /// True when the channel documents the word; false when it is expected or was only seen.
    pub confirmed: bool,
}

impl KindRule {
    /// A rule for a 业务类型; further conditions by setting fields.
    pub fn word(word: &'static str, flow: Flow, kind: BalanceKind) -> Self {
        Self {
            code: None,
            name: None,
            word: Some(Cow::Borrowed(word)),
            remark: None,
            flow,
            of_payment: None,
            kind,
            confirmed: false,
        }
    }

    /// A rule for a numeric code.
    pub fn code(code: &'static str, flow: Flow, kind: BalanceKind) -> Self {
        Self { code: Some(Cow::Borrowed(code)), word: None, ..Self::word("", flow, kind) }
    }

    /// The same rule, only under this 业务名称.
    pub fn under(mut self, name: &'static str) -> Self {
        self.name = Some(Cow::Borrowed(name));
        self
    }

    /// The same rule, only with this text in the remark.
    pub fn saying(mut self, remark: &'static str) -> Self {
        self.remark = Some(Cow::Borrowed(remark));
        self
    }

    /// The same rule, only for rows that name a payment (or that name none).
    pub fn of_payment(mut self, yes: bool) -> Self {
        self.of_payment = Some(yes);
        self
    }

    /// The same rule, documented by the channel.
    pub fn confirmed(mut self) -> Self {
        self.confirmed = true;
        self
    }

    fn fits(&self, row: &Words<'_>) -> bool {
        let same = |wanted: &Option<Cow<'static, str>>, found: &str| {
            wanted.as_deref().is_none_or(|wanted| wanted == found)
        };
        let flow = match self.flow {
            Flow::Any => true,
            Flow::In => row.amount_minor >= 0,
            Flow::Out => row.amount_minor <= 0,
        };
        flow && same(&self.word, row.word)
            && same(&self.name, row.name)
            && same(&self.code, row.code)
            && self.remark.as_deref().is_none_or(|part| row.remark.contains(part))
            && self.of_payment.is_none_or(|wanted| wanted == row.of_payment)
    }
}

/// What a row says about its kind.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Words<'a> {
    pub(crate) code: &'a str,
    pub(crate) name: &'a str,
    pub(crate) word: &'a str,
    pub(crate) remark: &'a str,
    pub(crate) amount_minor: i64,
    pub(crate) of_payment: bool,
}

/// The rules of one channel: those of the book first, then those of the program; the first
/// that fits decides.
#[derive(Clone, Debug)]
pub struct KindTable {
    rules: Vec<KindRule>,
}

impl KindTable {
    pub(crate) fn new(rules: Vec<KindRule>) -> Self {
        Self { rules }
    }

    /// Puts a rule of the book in front of all others.
    pub fn add(&mut self, rule: KindRule) {
        self.rules.insert(0, rule);
    }

    /// Every rule, in the order they are tried.
    pub fn rules(&self) -> impl Iterator<Item = &KindRule> {
        self.rules.iter()
    }

    pub(crate) fn kind(&self, row: &Words<'_>) -> BalanceKind {
        self.rules().find(|rule| rule.fits(row)).map_or(BalanceKind::Unknown, |rule| rule.kind)
    }
}
