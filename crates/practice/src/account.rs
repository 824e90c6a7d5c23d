//! The merchant's balance at one channel.

use crate::ids::Ids;
use crate::model::{Channel, FundKind, FundRow, Hidden};
use crate::time::At;
use crate::truth::{Component, Components};

/// A move of the balance before it is booked.
#[derive(Clone, Debug)]
pub(crate) struct Move {
    pub sec: u32,
    pub kind: FundKind,
    pub amount: i64,
    pub number: String,
    /// `None` where the channel counts by itself.
    pub ledger: Option<String>,
    pub merchant_ref: String,
    pub order_id: String,
    pub payment_id: String,
    pub remark: Option<(i64, i64)>,
    pub goods: &'static str,
    pub buyer: u32,
    pub hidden: Hidden,
    /// What the row means for its payout; sums to `amount`.
    pub parts: [(Component, i64); 3],
    /// Record that is missed when the row is deleted.
    pub record: String,
}

impl Move {
    pub(crate) fn new(sec: u32, kind: FundKind, amount: i64, component: Component) -> Self {
        let none = (Component::Unexplained, 0);
        Self {
            sec,
            kind,
            amount,
            number: String::new(),
            ledger: None,
            merchant_ref: String::new(),
            order_id: String::new(),
            payment_id: String::new(),
            remark: None,
            goods: "",
            buyer: 0,
            hidden: Hidden::No,
            parts: [(component, amount), none, none],
            record: String::new(),
        }
    }

    pub(crate) fn numbered(mut self, number: String) -> Self {
        self.number = number;
        self
    }
}

/// How much a payout leaves behind.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Keep {
    Nothing,
    /// So many thousandths of the balance.
    PerMille(i64),
    /// What is over full hundreds of yuan.
    Rest,
}

/// A payout to be made.
#[derive(Clone, Debug)]
pub(crate) struct PayoutAsk {
    pub sec: u32,
    pub keep: Keep,
    pub kind: FundKind,
    pub number: String,
}

/// A payout made.
#[derive(Clone, Debug)]
pub(crate) struct Paid {
    pub at: At,
    pub number: String,
    pub amount: i64,
    pub components: Components,
}

/// What a day did to the balance.
#[derive(Debug, Default)]
pub(crate) struct Booked {
    pub rows: Vec<FundRow>,
    pub paid: Option<Paid>,
    /// Rows deleted from the file: record and amount.
    pub deleted: Vec<(String, i64)>,
    /// Rows of unknown kind: ledger number and amount.
    pub unknown: Vec<(String, i64)>,
    /// Sum of all rows.
    pub moved: i64,
}

/// The account.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub channel: Channel,
    pub balance: i64,
    /// Since the last payout, up to the last midnight (WeChat) or row (Alipay).
    open: Components,
    today: Components,
    /// Left by the last payout.
    carried: i64,
    pub totals: Components,
    pub paid_out: i64,
    pub returned: i64,
}

impl Account {
    pub(crate) fn new(channel: Channel) -> Self {
        let none = Components::default();
        Self {
            channel,
            balance: 0,
            open: none,
            today: none,
            carried: 0,
            totals: none,
            paid_out: 0,
            returned: 0,
        }
    }

    /// Books a day's moves in order of time. With `lost`, no file will show the rows.
    pub(crate) fn book(
        &mut self,
        day: i32,
        mut moves: Vec<Move>,
        ask: Option<PayoutAsk>,
        lost: bool,
        ids: &mut Ids,
    ) -> Booked {
        moves.sort_by_key(|m| m.sec);
        let opening = self.balance;
        let mut booked = Booked::default();
        let mut ask = ask;
        for m in moves {
            if let Some(due) = ask.take_if(|ask| ask.sec <= m.sec) {
                self.pay_out(day, due, opening, &mut booked, ids);
            }
            let funds = m.amount + self.balance;
            if funds < 0 {
                let paid_in = (-funds + 30_000) / 10_000 * 10_000;
                let top_up = Move::new(m.sec, FundKind::TopUp, paid_in, Component::TopUps);
                let top_up = top_up.numbered(ids.other(self.channel, day));
                self.row(day, top_up, lost, &mut booked, ids);
            }
            self.row(day, m, lost, &mut booked, ids);
        }
        if let Some(due) = ask {
            self.pay_out(day, due, opening, &mut booked, ids);
        }
        self.open.add_all(&self.today);
        self.today = Components::default();
        booked.moved = self.balance - opening;
        booked
    }

    fn row(&mut self, day: i32, m: Move, lost: bool, booked: &mut Booked, ids: &mut Ids) {
        self.balance += m.amount;
        let in_file = m.hidden == Hidden::No && !lost;
        for (component, amount) in m.parts {
            if m.kind != FundKind::PayoutReturned {
                self.totals.add(component, amount);
            }
            let shown = if in_file { component } else { Component::Unexplained };
            self.today.add(shown, amount);
        }
        if m.kind == FundKind::PayoutReturned {
            self.returned += m.amount;
        }
        let ledger = match self.channel {
            Channel::Alipay => ids.alipay_ledger(day),
            Channel::Wechat => m.ledger.unwrap_or_else(|| ids.wechat_ledger(day)),
        };
        if m.hidden != Hidden::No {
            booked.deleted.push((m.record, m.amount));
        }
        if matches!(m.kind, FundKind::Unknown | FundKind::ToolFee) {
            booked.unknown.push((ledger.clone(), m.amount));
        }
        booked.rows.push(FundRow {
            at: At::new(day, m.sec),
            kind: m.kind,
            number: m.number,
            ledger,
            merchant_ref: m.merchant_ref,
            order_id: m.order_id,
            payment_id: m.payment_id,
            amount: m.amount,
            balance: self.balance,
            remark: m.remark,
            goods: m.goods,
            buyer: m.buyer,
            hidden: m.hidden,
        });
    }

    fn pay_out(
        &mut self,
        day: i32,
        ask: PayoutAsk,
        opening: i64,
        booked: &mut Booked,
        ids: &mut Ids,
    ) {
        if self.channel == Channel::Alipay {
            self.open.add_all(&self.today);
            self.today = Components::default();
        }
        let covered = if self.channel == Channel::Alipay { self.balance } else { opening };
        let amount = match ask.keep {
            Keep::Nothing => covered,
            Keep::PerMille(share) => (covered - covered * share / 1000) / 100 * 100,
            Keep::Rest => covered / 10_000 * 10_000,
        };
        // A withdrawal the balance cannot bear leaves no row; it is made up for the next day.
        if amount <= 0 || amount > self.balance {
            return;
        }
        let mut components = std::mem::take(&mut self.open);
        components.add(Component::CarriedIn, self.carried);
        assert_eq!(components.sum(), covered, "a payout covers the whole balance before it");
        self.carried = covered - amount;
        components.add(Component::CarriedOut, -self.carried);
        let mut m = Move::new(ask.sec, ask.kind, -amount, Component::Unexplained);
        m.parts = [(Component::Unexplained, 0); 3];
        m.number = ask.number.clone();
        m.merchant_ref = ask.number.clone();
        self.row(day, m, false, booked, ids);
        self.paid_out += amount;
        let at = At::new(day, ask.sec);
        booked.paid = Some(Paid { at, number: ask.number, amount, components });
    }
}
