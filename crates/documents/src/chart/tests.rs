use super::*;

fn bar(name: &str, minor: i64, kind: BarKind) -> ChartBar {
    let text = crate::words::grouped(minor, 2);
    ChartBar { name: name.to_owned(), minor, text, kind }
}

fn drawn(body: ChartBody) -> String {
    let chart = Chart { title: "到账 <1> & \"2\"".to_owned(), note: "CNY".to_owned(), body };
    render_chart(&chart, Lang::Zh).unwrap()
}

/// The heights of the boxes after the white sheet.
fn heights(svg: &str) -> Vec<f64> {
    let boxes = svg.split("<rect ").skip(2);
    boxes
        .filter_map(|rest| rest.split("height=\"").nth(1)?.split('"').next()?.parse().ok())
        .collect()
}

#[test]
fn a_waterfall_leads_from_nothing_to_what_was_paid() {
    let bars = vec![
        bar("销售", 42_998, BarKind::Step),
        bar("退款", -5_000, BarKind::Step),
        bar("未解释", 0, BarKind::Question),
        bar("到账", 37_998, BarKind::Whole),
    ];
    let svg = drawn(ChartBody::Bars(bars));
    let heights = heights(&svg);
    assert_eq!(heights.len(), 4);
    assert!((heights[0] - heights[1] - heights[3]).abs() < 0.03, "{heights:?}");
    assert!(heights[2] >= 2.0, "nothing can still be seen");
    for said in ["429.98", "\u{2212}50.00", "379.98", "未解释"] {
        assert!(svg.contains(&format!(">{said}</text>")), "{said} is not there");
    }
}

#[test]
fn many_days_show_one_amount_and_as_many_names_as_there_is_room_for() {
    let days = (1..=90).map(|day| bar(&format!("04-{day:02}"), day * 100, BarKind::Whole));
    let svg = drawn(ChartBody::Bars(days.collect()));
    assert_eq!(heights(&svg).len(), 90);
    let names = svg.matches(">04-").count();
    assert!((15..=30).contains(&names), "{names} names");
    assert_eq!(svg.matches(">90.00</text>").count(), 1);
}

#[test]
fn a_long_way_is_as_wide_as_its_steps_need_and_names_each_of_them() {
    let mut bars = vec![bar("Ordered", 9_000_000, BarKind::Whole)];
    bars.extend((0..20).map(|at| bar(&format!("Step{at}"), -100_000, BarKind::Step)));
    bars.push(bar("In bank", 7_000_000, BarKind::Whole));
    let svg = drawn(ChartBody::Bars(bars));
    assert_eq!(svg.matches(">Step").count(), 20);
    assert_eq!(svg.matches(">\u{2212}1,000.00<").count(), 20);
    assert!(svg.contains("width=\"1676\""), "{}", &svg[..200]);
}

#[test]
fn a_week_says_every_count_beside_its_colour() {
    let mut counts = [[0; 24]; 7];
    (counts[2][9], counts[6][23]) = (12, 1);
    let days = ["一", "二", "三", "四", "五", "六", "日"].map(str::to_owned);
    let ends = ["少".to_owned(), "多".to_owned()];
    let svg = drawn(ChartBody::Week(Box::new(ChartWeek { days, counts, ends })));
    assert_eq!(heights(&svg).len(), 7 * 24 + 6);
    assert!(svg.contains("fill=\"#ffffff\">12</text>"));
}

#[test]
fn a_place_with_two_currencies_shows_both() {
    let place = |name: &str, amounts: &[&str], last| ChartPlace {
        name: name.to_owned(),
        about: "渠道冻结的分账或担保".to_owned(),
        amounts: amounts.iter().map(|text| (*text).to_owned()).collect(),
        last,
    };
    let places = vec![place("冻结", &["¥1.00", "$2.00"], false), place("银行", &["¥3.00"], true)];
    let svg = drawn(ChartBody::Places(places));
    assert!(svg.contains("¥1.00") && svg.contains("$2.00") && svg.contains("¥3.00"));
}

#[test]
fn no_name_can_end_its_element_and_equal_charts_are_equal_bytes() {
    let body = || ChartBody::Bars(vec![bar("</svg><script>", 1, BarKind::Whole)]);
    let svg = drawn(body());
    assert!(!svg.contains("<script"), "{svg}");
    assert!(svg.contains("到账 &lt;1&gt; &amp; &quot;2&quot;"));
    assert_eq!(svg, drawn(body()));
}

#[test]
fn a_long_name_is_broken_at_blanks_and_an_ideograph_anywhere() {
    let mut font = Font::load(Lang::En).unwrap();
    let lines = wrapped(&mut font, "Payments of orders", 11.0, 60.0);
    assert!(lines.len() > 1 && lines.iter().all(|line| !line.contains("  ")), "{lines:?}");
    assert_eq!(lines.join(" "), "Payments of orders");
    assert_eq!(wrapped(&mut font, "退还手续费", 11.0, 34.0), ["退还手", "续费"]);
}
