//! What a page shows once something is pressed on it: panels, dialogs, a filled counter.

/// A page, and what is done there one after the other; each act ends in a picture.
#[derive(Debug)]
pub struct Scene {
    /// Where it begins.
    pub address: &'static str,
    /// What the page has before anything is pressed.
    pub begins: &'static str,
    /// Name of the picture, what is done for it, and what the page has then.
    pub acts: &'static [(&'static str, &'static str, &'static str)],
}

const FIRST_ROW: &str = "[role=grid] .all [role=row]";
/// A sale of a channel: it has a fee, a move of the balance and a payout.
const OPEN_SALE: &str = "[...document.querySelectorAll('[role=grid] .all [role=row]')] \
    .find((row) => /微信|WeChat/.test(row.textContent)) \
    .dispatchEvent(new MouseEvent('dblclick', { bubbles: true }))";

/// The keys of a shop at an address that there is not, tried.
const TRY_A_SHOP: &str = "const one = (css) => document.querySelector(`[role=dialog] ${css}`); \
    const field = (name) => one(`[name=${name}]`); one('[data-value=woocommerce]').click(); \
    const wait = setInterval(() => { if (!field('consumer_key')) return; clearInterval(wait); \
    type(field('consumer_key'), 'ck_0000000000000000000000000000000000000000'); \
    type(field('consumer_secret'), 'cs_0000000000000000000000000000000000000000'); \
    type(field('base'), 'https://shop.invalid'); \
    setTimeout(() => one('.acts button').click(), 100) }, 50)";

/// The demo company's, in the order they are taken.
pub const SCENES: [Scene; 7] = [
    Scene {
        address: "#/transactions",
        begins: FIRST_ROW,
        acts: &[
            ("transaction", OPEN_SALE, "main aside button.lead, [role=dialog] button.lead"),
            (
                "evidence",
                "document.querySelector('[role=dialog] button.lead').click()",
                "[data-evidence=text]",
            ),
        ],
    },
    Scene {
        address: "#/orders",
        begins: FIRST_ROW,
        acts: &[("order", OPEN_SALE, "[data-order=total]")],
    },
    Scene {
        address: "#/breaks?kind=payout_short",
        begins: "aside dl",
        acts: &[("write-off", "key('w')", "input[name=limit]")],
    },
    Scene {
        address: "#/channels",
        begins: "main .button.primary",
        acts: &[
            (
                "channel-setup",
                "document.querySelector('main .button.primary').click()",
                "form input[type=file]",
            ),
            ("channel-offline", TRY_A_SHOP, "[role=dialog] form [role=alert]"),
        ],
    },
    Scene {
        address: "#/collect",
        begins: "main .button.primary",
        acts: &[(
            "collect-waiting",
            // The practice counter is opened once; then there is a form.
            "const field = () => document.querySelector('main form input'); \
             if (!field()) document.querySelector('main .button.primary').click(); \
             const wait = setInterval(() => { if (!field()) return; clearInterval(wait); \
             type(field(), '18.80'); \
             setTimeout(() => field().form.requestSubmit(), 100) }, 50)",
            "[data-collection=waiting] img",
        )],
    },
    Scene {
        address: "#/home",
        begins: "[data-node=bank]",
        acts: &[(
            "jobs",
            "window.__TAURI_INTERNALS__.invoke('start_verify'); \
             window.__TAURI_INTERNALS__.invoke('start_reconcile'); \
             document.querySelector('button.tray').click()",
            ".jobs [data-job=reconcile][data-state=done]",
        )],
    },
    Scene { address: "#/payouts", begins: FIRST_ROW, acts: &[("keys", "key('?')", ".sheet kbd")] },
];

/// Pages of a book that has nothing yet, in which each says what to do next.
pub const EMPTY: [&str; 7] =
    ["home", "payouts", "breaks", "orders", "transactions", "bank", "statements"];

/// A script with what scenes use in it: `key` presses one, `type` fills a field.
pub fn script(act: &str) -> String {
    format!(
        "const key = (key, more = {{}}) => document.body.dispatchEvent(new KeyboardEvent( \
         'keydown', {{ key, bubbles: true, cancelable: true, ...more }})); \
         const type = (field, text) => {{ field.value = text; \
         field.dispatchEvent(new Event('input', {{ bubbles: true }})) }}; {act}"
    )
}

/// A script that is true once the page has what `css` finds and waits for nothing.
pub fn has(css: &str) -> String {
    format!(
        "return document.querySelector('{css}') !== null \
         && document.querySelector('main[aria-busy=true], main [aria-busy=true]') === null"
    )
}

/// A script that leaves every panel and dialog.
pub const ESCAPE: &str = "(document.activeElement ?? document.body).dispatchEvent( \
    new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true }))";
