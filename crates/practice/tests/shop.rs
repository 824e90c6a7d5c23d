//! The practice shop keeps its own promises. Nothing here reads through the program's parsers.

use practice::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::Path;

fn run(options: &Options) -> (Vec<Day>, Truth) {
    let mut shop = generate(options);
    let days = shop.by_ref().collect();
    (days, shop.truth())
}

fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![dir.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(dir).unwrap().to_string_lossy().into_owned();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

fn channels(day: &Day) -> [&ChannelDay; 2] {
    [&day.wechat, &day.alipay]
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let write_with = |seed| {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), &Options { seed, ..Options::default() }).unwrap();
        files(dir.path())
    };
    let first = write_with(5);
    assert!(first == write_with(5));
    assert!(first != write_with(6));
}

#[test]
fn every_kind_of_break_is_in_the_truth_of_sixty_days() {
    for seed in 0..40 {
        let mut options = Options { seed, days: 60, ..Options::default() };
        options.layout.wechat_old = seed % 2 == 1;
        let (_, truth) = run(&options);
        let found: BTreeSet<Kind> = truth.problems.iter().map(|p| p.kind).collect();
        let missing: Vec<_> = Kind::ALL.iter().filter(|kind| !found.contains(kind)).collect();
        assert!(missing.is_empty(), "seed {seed}: {missing:?}");
        let incomplete = truth.certificates.iter().filter(|c| c.verdict == "incomplete");
        assert!(incomplete.clone().any(|c| c.stream == "trade" && c.channel == "wechat_pay"));
        assert!(truth.certificates.iter().any(|c| c.verdict == "contradictory"));
    }
}

#[test]
fn no_record_has_two_problems() {
    for seed in 0..20 {
        let (_, truth) = run(&Options { seed, days: 180, ..Options::default() });
        let mut records = BTreeSet::new();
        for problem in &truth.problems {
            let key = (&problem.record, problem.account_no);
            assert!(records.insert(key), "seed {seed}: {problem:?}");
        }
    }
}

#[test]
fn without_plants_only_cut_offs_happen() {
    let (_, truth) = run(&Options { planted: Plant::None, days: 400, ..Options::default() });
    assert!(truth.problems.iter().all(|p| p.kind == Kind::CutOff));
    assert!(!truth.problems.is_empty());
    assert!(truth.payouts.iter().all(|p| p.components.get(Component::Unexplained) == 0));
    assert!(truth.certificates.iter().all(|c| c.verdict == "complete"));
}

#[test]
fn only_what_was_asked_for_is_planted() {
    let planted = Plant::Only(vec![Kind::FeeMismatch, Kind::PayoutLate]);
    let (_, truth) = run(&Options { planted, ..Options::default() });
    let kinds: BTreeSet<Kind> = truth.problems.iter().map(|p| p.kind).collect();
    assert!(kinds.contains(&Kind::FeeMismatch) && kinds.contains(&Kind::PayoutLate));
    let allowed = [Kind::FeeMismatch, Kind::PayoutLate, Kind::CutOff];
    assert!(kinds.iter().all(|kind| allowed.contains(kind)));
}

#[test]
fn the_running_balance_never_breaks_and_never_goes_below_zero() {
    for seed in 0..10 {
        let (days, truth) = run(&Options { seed, days: 200, ..Options::default() });
        for (at, account) in truth.accounts[..2].iter().enumerate() {
            let mut balance = 0;
            let mut last = None;
            for row in days.iter().flat_map(|day| &channels(day)[at].fund) {
                balance += row.amount;
                assert_eq!(row.balance, balance);
                assert!(balance >= 0, "{row:?}");
                assert!(last <= Some(row.at), "{row:?} after {last:?}");
                last = Some(row.at);
            }
            assert_eq!(balance, account.balance_minor);
            let ledger = &truth.ledger[at];
            let moved = ledger.components.sum() + ledger.returned_minor - ledger.paid_out_minor;
            assert_eq!(ledger.opening_minor + moved, ledger.closing_minor);
        }
        let mut balance = truth.ledger[2].opening_minor;
        for line in days.iter().flat_map(|day| &day.bank) {
            balance += line.amount;
            assert_eq!(line.balance, balance);
        }
        assert_eq!(balance, truth.ledger[2].closing_minor);
    }
}

#[test]
fn every_payout_is_the_sum_of_its_components_and_carries_on_from_the_one_before() {
    for seed in 0..10 {
        let (_, truth) = run(&Options { seed, days: 200, ..Options::default() });
        for channel in ["wechat_pay", "alipay"] {
            let mut carried = 0;
            for payout in truth.payouts.iter().filter(|p| p.channel == channel) {
                assert_eq!(payout.components.sum(), payout.amount_minor);
                assert_eq!(payout.components.get(Component::CarriedIn), carried);
                carried = -payout.components.get(Component::CarriedOut);
                assert!(carried >= 0);
            }
        }
        assert!(truth.payouts.iter().any(|p| p.components.get(Component::CarriedIn) > 0));
    }
}

#[test]
fn unexplained_money_is_what_the_files_do_not_show() {
    let (days, truth) = run(&Options::default());
    let hidden = |day: &Day, at: usize| -> i64 {
        let day = channels(day)[at];
        let nameless = |kind| matches!(kind, FundKind::Unknown | FundKind::ToolFee);
        let rows = day.fund.iter();
        rows.filter(|r| day.fund_missing || r.hidden != Hidden::No || nameless(r.kind))
            .map(|r| r.amount)
            .sum()
    };
    for (at, channel) in ["wechat_pay", "alipay"].into_iter().enumerate() {
        let expected: i64 = days.iter().map(|day| hidden(day, at)).sum();
        let payouts = truth.payouts.iter().filter(|p| p.channel == channel);
        let found: i64 = payouts.map(|p| p.components.get(Component::Unexplained)).sum();
        assert_eq!(found, expected, "{channel}");
        assert_ne!(expected, 0);
    }
}

#[test]
fn the_worked_day_is_paid_out_as_three_hundred_and_forty_four_yuan_fourteen() {
    for seed in 0..20 {
        for planted in [Plant::All, Plant::None] {
            let (days, truth) = run(&Options { seed, planted, ..Options::default() });
            let payout =
                truth.payouts.iter().find(|p| p.date == "2026-04-15" && p.channel == "wechat_pay");
            let payout = payout.expect("the worked day is paid out");
            assert_eq!(payout.amount_minor, 34_414);
            assert_eq!(payout.bank_date.as_deref(), Some("2026-04-15"));
            assert_eq!(payout.bank_amount_minor, Some(34_414));
            let expected = [
                (Component::Sales, 42_998),
                (Component::Fees, -259),
                (Component::Refunds, -5000),
                (Component::FeesReturned, 30),
                (Component::AccountCharges, -100),
                (Component::CommissionSplit, -1280),
                (Component::Held, -3975),
                (Component::Released, 2000),
            ];
            for component in Component::ALL {
                let want = expected.iter().find(|(c, _)| c == component).map_or(0, |(_, n)| *n);
                assert_eq!(payout.components.get(*component), want, "{component:?}");
            }
            let worked = days.iter().rev().nth(1).unwrap();
            assert_eq!(worked.wechat.trade.len(), 6);
            let moved: i64 = worked.wechat.fund.iter().map(|row| row.amount).sum();
            assert_eq!(moved, 34_414, "the fund bill has nothing else");
            assert_eq!(worked.wechat.fund[0].balance, worked.wechat.fund[0].amount);
        }
    }
}

#[test]
fn the_headers_are_the_channels_own() {
    let dir = tempfile::tempdir().unwrap();
    let mut options = Options::default();
    options.layout.wechat_types = vec![TradeBill::All, TradeBill::Success, TradeBill::Refund];
    write(dir.path(), &options).unwrap();
    let found = files(dir.path());
    let header = |name: &str| {
        let text = String::from_utf8(found[name].clone()).unwrap();
        assert!(text.starts_with('\u{feff}') && text.ends_with("\r\n"), "{name}");
        text.trim_start_matches('\u{feff}').lines().next().unwrap().to_owned()
    };
    assert_eq!(
        header("wechat/1900000109All2026-04-14.csv"),
        "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,\
         货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,\
         商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
    );
    assert_eq!(header("wechat/1900000109Success2026-04-14.csv").split(',').count(), 20);
    assert_eq!(header("wechat/1900000109Refund2026-04-14.csv").split(',').count(), 29);
    assert_eq!(
        header("wechat/1900000109Basic2026-04-14.csv"),
        "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),\
         资金变更提交申请人,备注,业务凭证号"
    );
    assert_eq!(
        header("shop/orders-2026-04.csv"),
        "订单号,下单时间,支付时间,关闭时间,状态,应付金额,币种,支付渠道,商品,买家"
    );
    assert_eq!(header("shop/refunds-2026-04.csv"), "退款单号,订单号,申请时间,退款金额,币种,状态");
    assert_eq!(
        header("bank/6222020200012348812-2026-04.csv"),
        "账号,交易日期,交易时间,借方金额,贷方金额,余额,对方户名,摘要,流水号,币种"
    );
    assert!(!found.contains_key("wechat/1900000109All2026-04-13.csv"), "no trade, no bill");
    for (name, columns) in [("All", 27), ("Success", 20), ("Refund", 29)] {
        let name = format!("wechat/1900000109{name}2026-04-14.csv");
        let text = String::from_utf8(found[&name].clone()).unwrap();
        let rows: Vec<_> = text.lines().skip(1).take_while(|l| l.starts_with('`')).collect();
        assert!(rows.iter().all(|row| row[1..].split(",`").count() == columns), "{name}");
    }
}

/// Entries of a ZIP, by raw name, decoded.
fn unzip(bytes: &[u8]) -> Vec<(String, String)> {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    (0..zip.len())
        .map(|n| {
            let mut entry = zip.by_index(n).unwrap();
            let name = encoding_rs::GB18030.decode(entry.name_raw()).0.into_owned();
            let mut raw = Vec::new();
            entry.read_to_end(&mut raw).unwrap();
            (name, encoding_rs::GB18030.decode(&raw).0.into_owned())
        })
        .collect()
}

#[test]
fn alipay_bills_are_gbk_files_in_a_zip_with_their_control_totals() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &Options::default()).unwrap();
    let found = files(dir.path());
    let trade = unzip(&found["alipay/trade/20882112345678900156_20260414.csv.zip"]);
    assert_eq!(trade[0].0, "20882112345678900156_20260414_业务明细.csv");
    assert_eq!(trade[1].0, "20882112345678900156_20260414_业务明细(汇总).csv");
    let lines: Vec<_> = trade[0].1.lines().collect();
    assert_eq!(lines[0], "#支付宝业务明细查询");
    assert_eq!(lines[1], "#账号：[20882112345678900156]");
    assert_eq!(
        lines[2],
        "#起始日期：[2026年04月14日 00:00:00]   终止日期：[2026年04月15日 00:00:00]"
    );
    assert_eq!(
        lines[3],
        "#-----------------------------------------业务明细列表----------------------------------------"
    );
    assert_eq!(lines[4].split(',').count(), 25);
    assert!(trade[0].1.contains(
        "#-----------------------------------------业务明细列表结束------------------------------------"
    ));
    assert!(trade[1].1.contains(
        "#----------------------------------------业务汇总列表结束-------------------------------------"
    ));
    let account = unzip(&found["alipay/signcustomer/20882112345678900156_20260414.csv.zip"]);
    assert_eq!(account[0].0, "20882112345678900156_20260414_账务明细.csv");
    assert_eq!(account[1].0, "20882112345678900156_20260414_账务汇总.csv");
    assert_eq!(account[0].1.lines().nth(4).unwrap().split(',').count(), 16);
    let rows = account[0].1.lines().filter(|line| line.starts_with("2026")).count();
    let total = account[1].1.lines().find(|line| line.starts_with("合计")).unwrap();
    let cells: Vec<_> = total.split(',').collect();
    let counted: usize = cells[1].parse::<usize>().unwrap() + cells[3].parse::<usize>().unwrap();
    assert_eq!(rows, counted);
}

#[test]
fn a_summary_counts_the_rows_of_its_bill_unless_a_row_was_taken_out_behind_its_back() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options::default();
    write(dir.path(), &options).unwrap();
    let (days, _) = run(&options);
    let found = files(dir.path());
    let mut behind = 0;
    for (name, bytes) in found.iter().filter(|(name, _)| name.contains("Basic")) {
        let text = String::from_utf8(bytes.clone()).unwrap();
        let lines: Vec<_> = text.lines().collect();
        let said: usize = lines.last().unwrap()[1..].split(",`").next().unwrap().parse().unwrap();
        let rows = lines.len() - 3;
        behind += usize::from(said != rows);
        assert!(said == rows || said == rows + 1, "{name}");
    }
    let rows = days.iter().flat_map(|day| &day.wechat.fund);
    assert_eq!(behind, rows.filter(|row| row.hidden == Hidden::SummaryIntact).count());
    assert_eq!(behind, 1);
}

#[test]
fn all_layouts_and_spans_are_written() {
    for (n, span) in [Span::Day, Span::Month, Span::All].into_iter().enumerate() {
        let dir = tempfile::tempdir().unwrap();
        let styles = |payments, refunds| FundStyles { payments, refunds };
        let layout = Layout {
            wechat_old: n == 1,
            gzip: n == 2,
            bom: n != 1,
            crlf: n != 1,
            fund_styles: vec![
                styles(FundStyle::Net, FundStyle::Net),
                styles(FundStyle::Split, FundStyle::Split),
            ],
            alipay_columns: [
                AlipayColumns::Sixteen,
                AlipayColumns::Twelve,
                AlipayColumns::Shuffled,
            ][n],
            bank: vec![
                BankFormat::Csv,
                BankFormat::Ofx1,
                BankFormat::Ofx2,
                BankFormat::Mt940,
                BankFormat::Camt053,
            ],
            span,
            ..Layout::default()
        };
        let options = Options { layout, ..Options::default() };
        let summary = write(dir.path(), &options).unwrap();
        let found = files(dir.path());
        assert_eq!(summary.files, found.len() as u64);
        let bank = found.keys().filter(|name| name.starts_with("bank")).count();
        assert_eq!(bank, if span == Span::All { 5 } else { 20 });
        if n == 1 {
            let text = String::from_utf8(found["wechat/1900000109All2026-02.csv"].clone()).unwrap();
            assert_eq!(text.lines().next().unwrap().split(',').count(), 24);
            assert!(text.lines().next().unwrap().contains("代金券或立减优惠金额"));
            assert!(!text.contains('\r') && !text.starts_with('\u{feff}'));
        }
        let (days, truth) = run(&options);
        assert!(truth.payouts.iter().any(|p| p.amount_minor == 34_414));
        let lost = days.iter().flat_map(channels).any(|c| c.trade_missing || c.fund_missing);
        assert_eq!(lost, span == Span::Day, "only a bill of its own can be lost for a day");
    }
}

#[test]
fn a_folder_with_other_peoples_files_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options { days: 5, ..Options::default() };
    fs::write(dir.path().join("notes.txt"), "mine").unwrap();
    assert!(matches!(write(dir.path(), &options), Err(WriteError::NotEmpty(_))));
    assert_eq!(files(dir.path()).len(), 1);
    let shop = dir.path().join("shop");
    write(&shop, &options).unwrap();
    let first = files(&shop);
    write(&shop, &options).expect("its own folder is written anew");
    assert!(first == files(&shop));
}

#[test]
fn banks_get_every_payout_in_time_but_the_planted_ones() {
    let (days, truth) = run(&Options { days: 365, ..Options::default() });
    let from_channels: i64 = days
        .iter()
        .flat_map(|day| &day.bank)
        .filter(|l| l.counterparty.starts_with("财付通") || l.counterparty.starts_with("支付宝"))
        .map(|line| line.amount)
        .sum();
    let arrived: i64 = truth.payouts.iter().filter_map(|p| p.bank_amount_minor).sum();
    let strange = truth.problems.iter().filter(|p| p.kind == Kind::BankDepositUnmatched);
    assert_eq!(from_channels, arrived + strange.map(|p| p.effect_minor).sum::<i64>());
    let memo = days.iter().flat_map(|day| &day.bank).find(|line| line.amount == 34_414);
    assert_eq!(memo.unwrap().memo, "0415_1900000109");
}

#[test]
fn trade_and_fund_bills_tell_of_the_same_payments() {
    let (days, truth) = run(&Options { days: 365, planted: Plant::None, ..Options::default() });
    let slipped = truth.problems.iter().filter(|p| p.record.starts_with("payment:")).count();
    let mut booked = BTreeMap::new();
    for row in days.iter().flat_map(channels).flat_map(|c| &c.fund) {
        if row.kind == FundKind::Payment {
            assert!(booked.insert(row.number.clone(), row.at).is_none(), "{row:?}");
        }
    }
    let mut other_day = 0;
    for line in days.iter().flat_map(channels).flat_map(|c| &c.trade) {
        if line.refund.is_none() {
            let at = booked.remove(&line.payment_id).expect("every payment is booked");
            other_day += usize::from(at.day != line.at.day);
        }
    }
    assert!(booked.is_empty());
    assert_eq!(other_day, slipped);
}

/// Run with `--release -- --ignored --nocapture`: says how long and how large.
#[test]
#[ignore = "a year of a million lines is for release builds"]
fn a_year_of_a_million_lines_and_ten_thousand_payouts_are_written_quickly() {
    let runs = [(365, 2740, Span::Month), (365, 2740, Span::Day), (5200, 3, Span::Month)];
    for (days, size, span) in runs {
        let dir = tempfile::tempdir().unwrap();
        let planted = if size > 3 { Plant::None } else { Plant::All };
        let layout = Layout { span, ..Layout::default() };
        let options = Options { days, size, planted, layout, ..Options::default() };
        let start = std::time::Instant::now();
        let summary = write(dir.path(), &options).unwrap();
        let peak = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let peak = peak.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("").to_owned();
        println!("{days} days: {:?} {summary:?} {peak}", start.elapsed());
    }
}
