//! Answers of channels: as they come, and signed by the throw-away keys of the documents, so that
//! what lies behind the signature is reached as well.

use connectors::alipay::api as alipay;
use connectors::http::{Base, HttpAnswer, encode_component};
use connectors::keys::{CbcKey, Certificate, GcmKey, SigningKey, VerifyKey};
use connectors::shops::{self, Platform, Terms};
use connectors::wechat_pay::api as wechat;
use connectors::{stripe, union_pay};
use domain::{BusinessDate, Currency, Money};
use sha2::{Digest, Sha256};
use std::sync::OnceLock;

const WECHAT_KEY: &str =
    include_str!("../../crates/connectors/fixtures/api/wechat_pay/platform-key.pem");
const WECHAT_PUBLIC: &str =
    include_str!("../../crates/connectors/fixtures/api/wechat_pay/platform-public.pem");
const ALIPAY_KEY: &str = include_str!("../../crates/connectors/fixtures/api/alipay/alipay-key.txt");
const ALIPAY_PUBLIC: &str =
    include_str!("../../crates/connectors/fixtures/api/alipay/alipay-public.txt");
/// UnionPay's certificate is of the key that signs for WeChat Pay.
const UNION_LEAF: &str = include_str!("../../crates/connectors/fixtures/api/union_pay/leaf.pem");
const UNION_MIDDLE: &str =
    include_str!("../../crates/connectors/fixtures/api/union_pay/middle.pem");
const UNION_ROOT: &str = include_str!("../../crates/connectors/fixtures/api/union_pay/root.pem");
const NOW_S: i64 = 1_767_225_601;

fn wechat_key() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::parse(&WECHAT_KEY.into()).expect("a private key"))
}

fn alipay_key() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::parse(&ALIPAY_KEY.into()).expect("a private key"))
}

fn yuan(fen: i64) -> Money {
    Money::from_minor(fen, Currency::CNY).expect("an amount")
}

/// The first byte chooses the status, the rest is the body.
fn split(data: &[u8]) -> (u16, &[u8]) {
    const STATUS: [u16; 8] = [200, 204, 202, 400, 404, 429, 500, 302];
    match data.split_first() {
        Some((first, rest)) => (STATUS[usize::from(first % 8)], rest),
        None => (200, data),
    }
}

/// Every reader of WeChat Pay's answers.
pub fn read_wechat(data: &[u8]) {
    let (status, body) = split(data);
    let message = [NOW_S.to_string().as_bytes(), b"\nN\n", body, b"\n"].concat();
    let signature = wechat_key().sign(&message).expect("signed");
    let headers = [
        ("Wechatpay-Timestamp", NOW_S.to_string()),
        ("Wechatpay-Nonce", "N".to_owned()),
        ("Wechatpay-Signature", signature),
        ("Wechatpay-Serial", "PUB_KEY_ID_1".to_owned()),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value)).to_vec();
    let answer = HttpAnswer { status, headers, body: body.to_vec() };
    let mut trust = wechat::verify::Trust::default();
    trust.add_public_key("PUB_KEY_ID_1", VerifyKey::parse(WECHAT_PUBLIC).expect("a key"));
    let verifier = wechat::verify::Verifier { trust: &trust, now_s: NOW_S };
    let account = wechat::Account {
        mchid: "1900000109".into(),
        appid: "wxd678efh567hg6787".into(),
        serial_no: "00".into(),
        public_key_id: None,
        base: Base::parse(wechat::Account::HOSTS[0]).expect("an address"),
        bill_hosts: Vec::new(),
        language: "en",
    };
    let key = GcmKey::parse(&"0123456789abcdef0123456789ABCDEF".into()).expect("a key");
    let payment = wechat::order::OrderNo::Ours("SHOP20260101000001");
    let asked = wechat::refund::RefundInstruction {
        payment,
        out_refund_no: "RF20260101000001",
        amount: yuan(300),
        order_total: yuan(1000),
        reason: None,
        notify_url: None,
        funds_account: None,
    };
    let _ = wechat::order::read_create(&verifier, &answer);
    let _ = wechat::order::read_query(&verifier, &account, payment, &answer);
    let _ = wechat::order::read_close(&verifier, &answer);
    if let Ok(report) = wechat::refund::read_create(&verifier, &asked, &answer) {
        assert_eq!(report.amount, asked.amount, "no other amount is believed");
    }
    let _ = wechat::refund::read_query(&verifier, asked.out_refund_no, &answer);
    if let Ok(wechat::bill::BillOffer::Ready(ticket)) =
        wechat::bill::read_request(&verifier, &account, &answer)
    {
        let _ = wechat::bill::read_download(&ticket, &answer);
    }
    let _ = wechat::certificates::read(&trust, NOW_S, &key, &answer);
    let header = |name: &str| answer.header(name);
    let _ = wechat::callback::read(&verifier, &account, &key, header, body);
}

/// Every reader of Alipay's answers: the body as it comes, and the body as a signed value.
pub fn read_alipay(data: &[u8]) {
    let theirs = VerifyKey::parse(ALIPAY_PUBLIC).expect("a key");
    let trust = alipay::certificates::Trust::PublicKeys(vec![theirs]);
    let key = CbcKey::parse(&"AAECAwQFBgcICQoLDA0ODw==".into()).expect("a key");
    let verifier =
        alipay::answer::Verifier { trust: &trust, now_s: NOW_S, content_key: Some(&key) };
    let sign = alipay_key().sign(data).expect("signed");
    for call in alipay::codes::Call::ALL {
        let name = call.method().replace('.', "_");
        let tail = format!(",\"sign\":\"{sign}\"}}");
        let head = format!("{{\"{name}_response\":");
        let wrapped = [head.as_bytes(), data, tail.as_bytes()];
        for body in [data.to_vec(), wrapped.concat()] {
            let answer = HttpAnswer { status: 200, headers: Vec::new(), body };
            read_alipay_call(call, &verifier, &answer);
        }
    }
    let _ = alipay::notify::read(&trust, "2021000000000001", data, NOW_S);
}

fn read_alipay_call(
    call: alipay::codes::Call,
    verifier: &alipay::answer::Verifier<'_>,
    answer: &HttpAnswer,
) {
    use alipay::codes::Call;
    let trade = alipay::TradeNo::Ours("R20260305000124");
    match call {
        Call::Query => drop(alipay::pay::read_query(verifier, trade, answer)),
        Call::Close => drop(alipay::pay::read_close(verifier, trade, answer)),
        Call::Cancel => drop(alipay::pay::read_cancel(verifier, trade, answer)),
        Call::Refund => {
            let asked = alipay::refund::RefundInstruction {
                payment: trade,
                out_request_no: "RF1",
                amount: yuan(4000),
                reason: None,
            };
            drop(alipay::refund::read_create(verifier, &asked, answer));
        }
        Call::RefundQuery => {
            drop(alipay::refund::read_query(verifier, trade, "RF20260305000124-1", answer));
        }
        Call::Balance => drop(alipay::ledger::read_balance(verifier, answer)),
        Call::BalanceOfDay => drop(alipay::ledger::read_balance_of_day(verifier, answer)),
        Call::AccountLog => {
            let from_ms = 1_772_640_000_000;
            let until_ms = from_ms + 86_400_000;
            let span = alipay::ledger::Span { from_ms, until_ms, page_no: 1, page_size: 2_000 };
            drop(alipay::ledger::read_account_log(verifier, span, answer));
        }
        Call::Precreate | Call::Pay | Call::Bill | Call::Certificate => {
            drop(verifier.open(call, answer));
        }
    }
}

/// Every reader of Stripe's answers. They carry no signature.
pub fn read_stripe(data: &[u8]) {
    let (status, body) = split(data);
    let answer = HttpAnswer { status, headers: Vec::new(), body: body.to_vec() };
    let account = stripe::Account {
        key: "rk_test_x".into(),
        version: stripe::Account::VERSION.into(),
        connected: None,
        base: Base::parse(stripe::Account::HOST).expect("an address"),
        exponents: stripe::currency::Exponents::default(),
    };
    let range = stripe::Range::default();
    let amount = Money::from_minor(1_000, Currency::from_code("USD").expect("a code"));
    let amount = amount.expect("an amount");
    let asked =
        stripe::refund::RefundInstruction { charge: "ch_A", key: "RF1", amount, reason: None };
    if let Ok(report) = stripe::refund::read_create(&account, &asked, &answer) {
        assert_eq!(report.amount, amount, "no other amount is believed");
    }
    if let Ok(page) = stripe::ledger::read_list(&account, &range, &answer) {
        for row in &page.items {
            assert_eq!(row.amount.minor() - row.fee.minor(), row.net.minor());
        }
    }
    let _ = stripe::refund::read_list(&account, &range, &answer);
    let _ = stripe::payments::read_charges(&account, &range, &answer);
    let _ = stripe::payments::read_disputes(&account, &range, &answer);
    let _ = stripe::ledger::read_payouts(&account, &range, &answer);
    let _ = stripe::ledger::read_payout(&account, "po_1", &answer);
    let header = String::from_utf8_lossy(body);
    let secret = "whsec_x".into();
    let _ = stripe::webhook::read(&[&secret], &header, body, NOW_S, 300);
}

/// Messages of UnionPay as they are cut into fields, and rows of its file.
pub fn read_union_pay(data: &[u8]) {
    if let Some(fields) = std::str::from_utf8(data).ok().and_then(union_pay::message::Fields::parse)
    {
        let text = fields.text(true);
        assert!(text.len() <= data.len(), "nothing is added to what is verified");
    }
    read_union_pay_signed(data);
    let day = BusinessDate::from_ymd(2026, 1, 1).expect("a day");
    for line in data.split(|byte| *byte == b'\n') {
        if let Ok(row) = union_pay::zm::read_row(line, day) {
            let (cleared, fee) = (row.cleared.minor(), row.fee.minor());
            assert!((cleared + fee).unsigned_abs() <= 2 * Money::MINOR_MAX as u64);
        }
    }
}

/// UnionPay's answers and notices, as they come and signed under the documents' certificate.
fn read_union_pay_signed(data: &[u8]) {
    let parse = |text| Certificate::parse(text).expect("a certificate");
    let (middle, roots) = (vec![parse(UNION_MIDDLE)], vec![parse(UNION_ROOT)]);
    let trust = union_pay::message::Trust { middle, roots, test_environment: false };
    let verifier = union_pay::message::Verifier { trust: &trust, now_s: NOW_S };
    let base = || Base::parse("http://127.0.0.1:1").expect("an address");
    let account = union_pay::Account {
        mer_id: "777290058110048".into(),
        cert_id: "69629715588".into(),
        base: base(),
        file_base: base(),
        back_url: "http://127.0.0.1:1/".into(),
        product: union_pay::Product::QrCode,
    };
    // The documents' own notice is genuine; nothing else that comes is.
    if let Ok(notice) = union_pay::notice::read(&verifier, &account, data) {
        assert_eq!(notice.order_id, "SHOP20260101000001", "no other notice is believed");
        assert_eq!(notice.amount, Some(yuan(1_000)));
    }
    let Some(mut fields) =
        std::str::from_utf8(data).ok().and_then(union_pay::message::Fields::parse)
    else {
        return;
    };
    fields.set("signPubKeyCert", UNION_LEAF.trim_end().replace('\n', "\r\n"));
    let text = fields.text(true);
    let digest = Sha256::digest(text.as_bytes());
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let signature = wechat_key().sign(hex.as_bytes()).expect("signed");
    let body = format!("{text}&signature={signature}").into_bytes();
    let answer = HttpAnswer { status: 200, headers: Vec::new(), body };
    let order = union_pay::OrderKey { order_id: "SHOP20260101000001", txn_time: "20260101080000" };
    let _ = union_pay::trade::read_query(&verifier, &account, order, &answer);
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    let form: Vec<String> = pairs
        .chain([("signature", signature.as_str())])
        .map(|(name, value)| format!("{}={}", encode_component(name), encode_component(value)))
        .collect();
    let _ = union_pay::notice::read(&verifier, &account, form.join("&").as_bytes());
}

/// Every reader of shops' answers, and every order in them.
pub fn read_shops(data: &[u8]) {
    let (status, body) = split(data);
    let answer = HttpAnswer { status, headers: Vec::new(), body: body.to_vec() };
    let window = shops::Window::default();
    let pages = [
        (Platform::Vendure, shops::vendure::read_list(&answer, &window)),
        (Platform::Medusa, shops::medusa::read_list(&answer, &window)),
        (Platform::WooCommerce, shops::woocommerce::read_list(&answer, &window)),
        (Platform::Shopify, shops::shopify::read_list(&answer, &window)),
        (Platform::Shopify, shops::shopify::read_again(&answer)),
    ];
    let terms = Terms { decimals: Some(2), ..Terms::default() };
    for (platform, page) in pages {
        for order in page.iter().flat_map(|page| &page.orders) {
            assert!(!order.json.contains('\n'), "an order takes one line");
            if let Ok(sale) = platform.read_order(&terms, &order.json, "") {
                let _ = shops::facts_of("shop", &terms, &sale);
            }
        }
    }
    let _ = shops::vendure::read_test(&answer);
    let _ = shops::shopify::read_payouts(&answer);
    let _ = shops::shopify::read_moves(&answer);
    let _ = shops::woocommerce::read_refunds(&answer, 0);
}
