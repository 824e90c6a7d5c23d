//! The shop's own lists of orders and refunds.

use crate::model::{Order, OrderStatus, PayChannel, ShopRefund};
use crate::time::{At, push_at, push_padded, push_yuan};

pub(super) const ORDERS: &str =
    "\u{feff}订单号,下单时间,支付时间,关闭时间,状态,应付金额,币种,支付渠道,商品,买家\r\n";
pub(super) const REFUNDS: &str = "\u{feff}退款单号,订单号,申请时间,退款金额,币种,状态\r\n";

/// Appends a cell, quoted where RFC 4180 wants it.
pub(super) fn push_cell(out: &mut String, text: &str) {
    if text.contains([',', '"', '\r', '\n']) {
        out.push('"');
        out.push_str(&text.replace('"', "\"\""));
        out.push('"');
    } else {
        out.push_str(text);
    }
}

fn push_time(out: &mut String, at: Option<At>) {
    if let Some(at) = at {
        push_at(out, at);
    }
    out.push(',');
}

pub(super) fn push_order(out: &mut String, order: &Order) {
    out.push_str(&order.id);
    out.push(',');
    push_time(out, Some(order.created));
    push_time(out, order.paid);
    push_time(out, order.closed);
    out.push_str(match order.status {
        OrderStatus::Unpaid => "待支付,",
        OrderStatus::Paid => "已支付,",
        OrderStatus::Closed => "已关闭,",
        OrderStatus::Canceled => "已取消,",
        OrderStatus::Refunded => "已退款,",
    });
    push_yuan(out, order.amount);
    out.push(',');
    out.push_str(order.currency);
    out.push_str(match order.channel {
        PayChannel::Wechat => ",微信支付,",
        PayChannel::Alipay => ",支付宝,",
        PayChannel::Cash => ",现金,",
    });
    push_cell(out, order.goods);
    out.push_str(",顾客");
    push_padded(out, u64::from(order.buyer), 4);
    out.push_str("\r\n");
}

pub(super) fn push_refund(out: &mut String, refund: &ShopRefund) {
    out.push_str(&refund.id);
    out.push(',');
    out.push_str(&refund.order_id);
    out.push(',');
    push_time(out, Some(refund.asked_at));
    push_yuan(out, refund.amount);
    out.push_str(",CNY,");
    out.push_str(refund.status);
    out.push_str("\r\n");
}
