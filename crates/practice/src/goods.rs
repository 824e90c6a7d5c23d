//! What the shop sells.

use crate::rng::Rng;

/// Goods and prices in fen.
const GOODS: [(&str, i64); 24] = [
    ("拿铁 大杯", 2800),
    ("美式咖啡", 1800),
    ("燕麦拿铁", 3200),
    ("手冲·耶加雪菲", 3800),
    ("生椰拿铁", 2600),
    ("卡布奇诺", 2500),
    ("冷萃咖啡", 2400),
    ("抹茶拿铁", 2900),
    ("热可可", 2200),
    ("茉莉花茶", 1600),
    ("提拉米苏", 3600),
    ("巴斯克芝士蛋糕", 3990),
    ("黑森林蛋糕 6寸", 16_800),
    ("草莓奶油蛋糕 8寸", 25_600),
    ("蓝莓贝果", 1290),
    ("可颂", 1500),
    ("蛋挞", 800),
    ("曲奇礼盒", 8800),
    ("挂耳咖啡 10片", 6900),
    ("咖啡豆 250克", 8600),
    ("陶瓷马克杯", 5900),
    ("新春礼盒", 12_800),
    ("外带纸袋", 50),
    ("定制贺卡", 500),
];

/// One to three things and what they cost together, fen.
pub(crate) fn basket(rng: &mut Rng) -> (&'static str, i64) {
    // Most people come for coffee; a cake or a gift is the rarer sale.
    let first = if rng.per_mille(700) { rng.below(11) } else { rng.below(24) };
    let (name, mut price) = GOODS[first as usize];
    price *= i64::from(1 + u32::from(rng.per_mille(150)));
    if rng.per_mille(300) {
        price += GOODS[14 + rng.below(3) as usize].1;
    }
    // Loyalty prices end in any digit, so that fees round both ways.
    if rng.per_mille(250) && price > 1000 {
        price -= i64::from(rng.below(99));
    }
    (name, price)
}

/// Paying banks, as WeChat names them.
pub(crate) const BANKS: [&str; 6] =
    ["OTHERS", "ICBC_DEBIT", "CMB_DEBIT", "CCB_CREDIT", "ABC_DEBIT", "BOC_DEBIT"];

/// How the buyer paid, as WeChat names it.
pub(crate) const SCENES: [&str; 3] = ["NATIVE", "JSAPI", "MICROPAY"];
