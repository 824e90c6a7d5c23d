//! Amounts in the remark: `结算总金额10.00元;含手续费0.06元`, `退款总金额3.00元;含手续费0.02元`.

use domain::money::parse_minor;

/// What a remark names, fen, unsigned.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) total: Option<i64>,
    pub(super) fee: Option<i64>,
}

pub(super) fn read(remark: &str) -> Named {
    if !remark.contains('元') {
        return Named::default();
    }
    let total = after(remark, "结算总金额").or_else(|| after(remark, "退款总金额"));
    Named { total, fee: after(remark, "含手续费") }
}

/// The amount between a word and 元; some bills print blanks around it.
fn after(remark: &str, word: &str) -> Option<i64> {
    let (_, rest) = remark.split_once(word)?;
    let (number, _) = rest.split_once('元')?;
    let number = number.trim_start_matches([':', '：', ' ', '\u{A0}']);
    parse_minor(number.trim(), 2).ok().map(i64::abs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_around_the_numbers_do_not_matter() {
        for (remark, total, fee) in [
            ("结算总金额10.00元;含手续费0.06元", Some(1000), Some(6)),
            ("结算总金额 10.00 元;含手续费 0.06 元", Some(1000), Some(6)),
            ("退款总金额3.00元；含手续费0.02元", Some(300), Some(2)),
            ("退款总金额50.00元;含手续费0.00元", Some(5000), Some(0)),
            ("含手续费abc元", None, None),
            ("货款", None, None),
            ("", None, None),
        ] {
            assert_eq!(read(remark), Named { total, fee }, "{remark}");
        }
    }
}
