//! Amounts in Chinese words, as vouchers and cheques want them beside the figures.
//!
//! Source: 支付结算办法, annex 1 (正确填写票据和结算凭证的基本规定), rules on 大写金额, read in
//! November 2026. Where it allows two forms, its first one is taken; 整 also stands after 角, so that
//! nothing can be written behind it.

const DIGITS: [char; 10] = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];

/// An amount of yuan in words: `壹佰零贰圆叁角整`.
///
/// `fen` may be negative (`负` stands in front); every `i64` has its words.
pub fn yuan_in_words(fen: i64) -> String {
    let size = fen.unsigned_abs();
    let (yuan, jiao, fen_left) = (size / 100, size / 10 % 10, size % 10);
    let mut words = String::new();
    if fen < 0 {
        words.push('负');
    }
    if yuan > 0 || size == 0 {
        words.push_str(&whole(yuan));
        words.push('圆');
    }
    // A gap between what is before and what follows is read as one zero.
    let gap = yuan > 0 && !size.is_multiple_of(100) && (yuan.is_multiple_of(10) || jiao == 0);
    if gap {
        words.push('零');
    }
    if jiao > 0 {
        words.push(DIGITS[jiao as usize]);
        words.push('角');
    }
    match fen_left {
        0 => words.push('整'),
        _ => words.extend([DIGITS[fen_left as usize], '分']),
    }
    words
}

/// A whole number in words.
fn whole(number: u64) -> String {
    const YI: u64 = 100_000_000;
    const WAN: u64 = 10_000;
    for (unit, name) in [(YI, '亿'), (WAN, '万')] {
        if number < unit {
            continue;
        }
        let (high, low) = (number / unit, number % unit);
        let mut words = whole(high);
        words.push(name);
        if low > 0 {
            // The next digit's place is empty.
            if low < unit / 10 {
                words.push('零');
            }
            words.push_str(&whole(low));
        }
        return words;
    }
    below_wan(number)
}

/// Four digits at most.
fn below_wan(number: u64) -> String {
    if number == 0 {
        return DIGITS[0].to_string();
    }
    let mut words = String::new();
    let mut gap = false;
    for (unit, name) in [(1000, Some('仟')), (100, Some('佰')), (10, Some('拾')), (1, None)] {
        let digit = number / unit % 10;
        if digit == 0 {
            gap = !words.is_empty();
            continue;
        }
        if gap {
            words.push('零');
            gap = false;
        }
        words.push(DIGITS[digit as usize]);
        words.extend(name);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_written_as_the_payment_rules_write_it() {
        for (fen, words) in [
            // The examples of the rules themselves.
            (140_950, "壹仟肆佰零玖圆伍角整"),
            (600_714, "陆仟零柒圆壹角肆分"),
            (168_032, "壹仟陆佰捌拾圆零叁角贰分"),
            (10_700_053, "壹拾万柒仟圆零伍角叁分"),
            (1_640_902, "壹万陆仟肆佰零玖圆零贰分"),
            (32_504, "叁佰贰拾伍圆零肆分"),
            // Nothing, and less than a yuan.
            (0, "零圆整"),
            (1, "壹分"),
            (10, "壹角整"),
            (99, "玖角玖分"),
            // One is always said, round amounts end at once.
            (100, "壹圆整"),
            (1_000, "壹拾圆整"),
            (34_414, "叁佰肆拾肆圆壹角肆分"),
            (10_000_000, "壹拾万圆整"),
            // Several zeros in a row are one, those at the end none.
            (100_100, "壹仟零壹圆整"),
            (1_000_100, "壹万零壹圆整"),
            (1_010_000, "壹万零壹佰圆整"),
            (10_010_000, "壹拾万零壹佰圆整"),
            (100_000_001, "壹佰万圆零壹分"),
            (100_000_010, "壹佰万圆零壹角整"),
            (10_000_000_100, "壹亿零壹圆整"),
            (10_001_000_000, "壹亿零壹万圆整"),
            (10_000_000_000, "壹亿圆整"),
            (100_000_000_000_000, "壹万亿圆整"),
            (101_000_000_000_000, "壹万零壹佰亿圆整"),
            // The largest amount there is, and money taken off.
            (9_007_199_254_740_991, "玖拾万零柒佰壹拾玖亿玖仟贰佰伍拾肆万柒仟肆佰零玖圆玖角壹分"),
            (-5_020, "负伍拾圆零贰角整"),
        ] {
            assert_eq!(yuan_in_words(fen), words, "{fen} fen");
        }
    }

    #[test]
    fn no_amount_has_two_zeros_in_a_row_or_one_at_its_end() {
        for fen in (1..2_000_000).chain((0..60).map(|n| 3_i64.pow(n % 37) * 7 + i64::from(n))) {
            let words = yuan_in_words(fen);
            assert!(!words.contains("零零") && !words.ends_with('零'), "{fen}: {words}");
            assert!(!words.contains("零圆") && !words.contains("零万"), "{fen}: {words}");
            assert_eq!(words.ends_with('整'), fen % 10 == 0, "{fen}: {words}");
        }
    }
}
