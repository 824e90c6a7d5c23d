//! What one sale, refund, split or hold leaves in every list.

use crate::account::Move;
use crate::ids::Ids;
use crate::model::{
    BankLine, Channel, FundKind, Hidden, Order, OrderStatus, RefundPart, RefundState, ShopRefund,
    TradeLine,
};
use crate::options::{FundStyle, FundStyles, Kind, Options};
use crate::plan::Plan;
use crate::time::{At, civil, date_text};
use crate::truth::{Component, Problem};
use std::collections::BTreeMap;

/// `amount × rate`, half-up to the fen.
pub(crate) fn fee_of(amount: i64) -> i64 {
    (amount * crate::FEE_RATE_PPM + 500_000) / 1_000_000
}

/// `amount × part / whole`, half-up.
fn share(amount: i64, part: i64, whole: i64) -> i64 {
    (2 * amount * part + whole) / (2 * whole)
}

/// What waits for a day.
#[derive(Debug, Default)]
pub(crate) struct Bucket {
    pub trade: [Vec<TradeLine>; 2],
    pub moves: [Vec<Move>; 2],
    pub orders: Vec<Order>,
    pub refunds: Vec<ShopRefund>,
    pub bank: Vec<BankLine>,
}

/// A payment that is being made.
#[derive(Clone, Debug)]
pub(crate) struct Payment {
    pub channel: Channel,
    pub id: String,
    pub order_id: String,
    pub created: At,
    pub at: At,
    /// Order total.
    pub total: i64,
    /// Less own discounts.
    pub settled: i64,
    /// Part of it that a coupon pays.
    pub subsidy: i64,
    pub fee: i64,
    pub goods: &'static str,
    pub buyer: u32,
    /// Given back so far: asked for, settled, coupon part.
    pub back: (i64, i64, i64),
}

/// How a row departs from the usual.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Oddity {
    /// When the fund row is booked; `None` at the time of the trade.
    pub booked: Option<At>,
    /// Coupon part that is not credited.
    pub withheld: i64,
    pub row: Hidden,
    pub line_hidden: bool,
}

impl Oddity {
    pub(crate) const NONE: Self =
        Self { booked: None, withheld: 0, row: Hidden::No, line_hidden: false };

    pub(crate) fn booked(at: At) -> Self {
        Self { booked: Some(at), ..Self::NONE }
    }
}

/// A refund to be made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RefundAsk {
    pub at: At,
    pub asked: i64,
    /// What the shop's list says; `None` when it has no such refund.
    pub listed: Option<i64>,
    /// Fee given back; `None` as the rate says.
    pub fee: Option<i64>,
    pub state: RefundState,
    pub odd: Oddity,
}

impl RefundAsk {
    pub(crate) fn new(at: At, asked: i64) -> Self {
        let state = RefundState::Success;
        Self { at, asked, listed: Some(asked), fee: None, state, odd: Oddity::NONE }
    }
}

/// A refund made.
#[derive(Clone, Debug)]
pub(crate) struct Refunded {
    pub merchant_id: String,
    pub channel_id: String,
}

/// The world that the scenes act on.
#[derive(Debug)]
pub(crate) struct World {
    pub options: Options,
    pub plan: Plan,
    pub ids: Ids,
    /// Today and every later day that something waits for.
    pub buckets: BTreeMap<i32, Bucket>,
    pub problems: Vec<Problem>,
    /// Days whose trade bill lost a row.
    pub trade_gaps: Vec<(Channel, i32)>,
}

impl World {
    pub(crate) fn bucket(&mut self, day: i32) -> &mut Bucket {
        self.buckets.entry(day).or_default()
    }

    fn styles(&self, channel: Channel, day: i32) -> FundStyles {
        if channel == Channel::Alipay {
            return FundStyles { payments: FundStyle::Split, refunds: FundStyle::Split };
        }
        let months = |day| {
            let (year, month, _) = civil(day);
            year * 12 + month as i32
        };
        let styles = &self.options.layout.fund_styles;
        let month = (months(day) - months(self.plan.first)).max(0) as usize;
        styles
            .get(month % styles.len().max(1))
            .copied()
            .unwrap_or(FundStyles { payments: FundStyle::Split, refunds: FundStyle::Net })
    }

    fn line_known(&self, channel: Channel, day: i32, hidden: bool) -> bool {
        !hidden && !self.plan.trade_missing[channel.index()].contains(&day)
    }

    /// A payment with its numbers; nothing is booked yet.
    pub(crate) fn payment(
        &mut self,
        channel: Channel,
        at: At,
        (total, settled, subsidy): (i64, i64, i64),
        (goods, buyer): (&'static str, u32),
    ) -> Payment {
        Payment {
            channel,
            id: self.ids.payment(channel, at.day),
            order_id: self.ids.order(at.day),
            created: at.minus(20 + buyer % 50),
            at,
            total,
            settled,
            subsidy,
            fee: fee_of(settled),
            goods,
            buyer,
            back: (0, 0, 0),
        }
    }

    /// The order of a payment, paid, as the shop sees it.
    pub(crate) fn order_of(&self, p: &Payment) -> Order {
        Order {
            id: p.order_id.clone(),
            created: p.created,
            paid: Some(p.at),
            closed: None,
            status: OrderStatus::Paid,
            amount: p.total,
            currency: "CNY",
            channel: p.channel.pay_channel(),
            goods: p.goods,
            buyer: p.buyer,
        }
    }

    pub(crate) fn list(&mut self, order: Order) {
        self.bucket(order.created.day).orders.push(order);
    }

    /// Puts a payment into the trade bill and on the balance.
    pub(crate) fn pay(&mut self, p: &Payment, odd: Oddity) {
        let known = self.line_known(p.channel, p.at.day, odd.line_hidden);
        let booked = odd.booked.unwrap_or(p.at);
        let credited = p.settled - odd.withheld;
        let discount = if known { p.settled - p.total } else { 0 };
        let base = |kind, amount, component| Move {
            number: p.id.clone(),
            ledger: Some(p.id.clone()),
            merchant_ref: p.order_id.clone(),
            payment_id: p.id.clone(),
            remark: Some((credited, p.fee)),
            goods: p.goods,
            buyer: p.buyer,
            ..Move::new(booked.sec, kind, amount, component)
        };
        let mut gross = base(FundKind::Payment, credited, Component::Sales);
        gross.parts[0].1 = credited - discount;
        gross.parts[1] = (Component::MerchantDiscounts, discount);
        gross.hidden = odd.row;
        gross.record = format!("payment:{}", p.id);
        let mut moves = vec![];
        match self.styles(p.channel, booked.day).payments {
            FundStyle::Net => {
                gross.amount -= p.fee;
                gross.parts[2] = (Component::Fees, -p.fee);
                moves.push(gross);
            }
            FundStyle::Split => {
                moves.push(gross);
                if p.fee != 0 {
                    moves.push(base(FundKind::PaymentFee, -p.fee, Component::Fees));
                }
            }
        }
        let line = TradeLine {
            at: p.at,
            created: p.created,
            payment_id: p.id.clone(),
            order_id: p.order_id.clone(),
            refund: None,
            order_amount: p.total,
            settled: p.settled,
            subsidy: p.subsidy,
            fee: p.fee,
            goods: p.goods,
            buyer: p.buyer,
            hidden: odd.line_hidden,
        };
        self.put(p.channel, booked.day, line, moves);
    }

    fn put(&mut self, channel: Channel, booked: i32, line: TradeLine, moves: Vec<Move>) {
        let at = channel.index();
        if line.hidden {
            self.trade_gaps.push((channel, line.at.day));
        }
        self.bucket(line.at.day).trade[at].push(line);
        self.bucket(booked).moves[at].extend(moves);
    }

    /// Gives back all or part of a payment.
    pub(crate) fn refund(&mut self, p: &mut Payment, ask: RefundAsk) -> Refunded {
        let (mut settled, mut subsidy) =
            (share(ask.asked, p.settled, p.total), share(ask.asked, p.subsidy, p.total));
        p.back.0 += ask.asked;
        // The last refund gives back what is left, not a rounded share of it.
        if p.back.0 == p.total || p.back.1 + settled > p.settled {
            (settled, subsidy) = (p.settled - p.back.1, p.subsidy - p.back.2);
        }
        (p.back.1, p.back.2) = (p.back.1 + settled, p.back.2 + subsidy);
        let fee = ask.fee.unwrap_or_else(|| fee_of(settled));
        let (channel_id, merchant_id) = self.ids.refund(p.channel, ask.at.day);
        if let Some(amount) = ask.listed {
            let status = match ask.state {
                RefundState::Success => "已退款",
                RefundState::Processing => "处理中",
                RefundState::Failed => "已关闭",
            };
            let asked_at = ask.at.minus(2);
            let (id, order_id) = (merchant_id.clone(), p.order_id.clone());
            let listed = ShopRefund { id, order_id, asked_at, amount, status };
            self.bucket(asked_at.day).refunds.push(listed);
        }
        let line = TradeLine {
            at: ask.at,
            created: p.created,
            payment_id: p.id.clone(),
            order_id: p.order_id.clone(),
            refund: Some(RefundPart {
                channel_id: channel_id.clone(),
                merchant_id: merchant_id.clone(),
                state: ask.state,
            }),
            order_amount: ask.asked,
            settled,
            subsidy,
            fee,
            goods: p.goods,
            buyer: p.buyer,
            hidden: ask.odd.line_hidden,
        };
        let booked = ask.odd.booked.unwrap_or(ask.at);
        let moves = self.refund_moves(p, &line, booked, ask.odd);
        self.put(p.channel, booked.day, line, moves);
        Refunded { merchant_id, channel_id }
    }

    fn refund_moves(&self, p: &Payment, line: &TradeLine, booked: At, odd: Oddity) -> Vec<Move> {
        let Some(part) = &line.refund else { return vec![] };
        let known = self.line_known(p.channel, line.at.day, odd.line_hidden);
        let discount = if known { line.order_amount - line.settled } else { 0 };
        let number = match p.channel {
            Channel::Wechat => part.channel_id.clone(),
            Channel::Alipay => p.id.clone(),
        };
        let base = |kind, amount, component| Move {
            number: number.clone(),
            ledger: Some(p.id.clone()),
            merchant_ref: part.merchant_id.clone(),
            order_id: p.order_id.clone(),
            payment_id: p.id.clone(),
            remark: Some((line.settled, line.fee)),
            goods: p.goods,
            buyer: p.buyer,
            ..Move::new(booked.sec, kind, amount, component)
        };
        let mut gross = base(FundKind::Refund, -line.settled, Component::Refunds);
        gross.parts[0].1 = -line.settled - discount;
        gross.parts[1] = (Component::MerchantDiscounts, discount);
        gross.hidden = odd.row;
        gross.record = format!("refund:{}", part.merchant_id);
        match self.styles(p.channel, booked.day).refunds {
            FundStyle::Net => {
                gross.amount += line.fee;
                gross.parts[2] = (Component::FeesReturned, line.fee);
                vec![gross]
            }
            FundStyle::Split if line.fee != 0 => {
                vec![gross, base(FundKind::RefundFee, line.fee, Component::FeesReturned)]
            }
            FundStyle::Split => vec![gross],
        }
    }

    /// Any other move that belongs to a payment: a split, a hold, a closed refund.
    pub(crate) fn move_of(&mut self, p: &Payment, at: At, kind: FundKind, amount: i64) {
        let component = match kind {
            FundKind::SplitPaid => Component::CommissionSplit,
            FundKind::SplitReturned => Component::SplitReturned,
            FundKind::Held => Component::Held,
            FundKind::Released => Component::Released,
            _ => Component::Refunds,
        };
        let number = self.ids.other(p.channel, at.day);
        let ledger = match kind {
            FundKind::SplitPaid | FundKind::SplitReturned => Some(p.id.clone()),
            _ => None,
        };
        let m = Move {
            merchant_ref: number.clone(),
            number,
            ledger,
            payment_id: p.id.clone(),
            goods: p.goods,
            buyer: p.buyer,
            ..Move::new(at.sec, kind, amount, component)
        };
        self.bucket(at.day).moves[p.channel.index()].push(m);
    }

    /// A move that belongs to no payment.
    pub(crate) fn move_alone(
        &mut self,
        channel: Channel,
        at: At,
        kind: FundKind,
        amount: i64,
        component: Component,
    ) {
        let number = self.ids.other(channel, at.day);
        let mut m = Move::new(at.sec, kind, amount, component).numbered(number.clone());
        m.merchant_ref = number;
        self.bucket(at.day).moves[channel.index()].push(m);
    }

    /// Notes a problem.
    pub(crate) fn problem(
        &mut self,
        kind: Kind,
        record: String,
        (channel, day): (Channel, i32),
        (field, expected, found): (&'static str, String, String),
        effect_minor: i64,
    ) {
        self.problems.push(Problem {
            kind,
            record,
            account_no: channel.account_no(),
            day: date_text(day),
            field,
            expected,
            found,
            effect_minor,
        });
    }
}
