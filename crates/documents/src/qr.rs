//! QR codes: a drawing for the screen, and letters for a terminal.

use qrcode::QrCode;
use qrcode::render::{svg, unicode};

/// The code of a text as a drawing: black on white whatever the page wears, or telephones see
/// nothing. `None` for an empty text and for one too long for any code.
pub fn svg(text: &str) -> Option<String> {
    let drawing = code(text)?
        .render::<svg::Color<'_>>()
        .min_dimensions(240, 240)
        .dark_color(svg::Color("#000000"))
        .light_color(svg::Color("#ffffff"))
        .build();
    Some(drawing)
}

/// The code of a text in half blocks, dark on light for a terminal of dark letters or light ones.
pub fn letters(text: &str) -> Option<String> {
    let inverted = code(text)?
        .render::<unicode::Dense1x2>()
        .dark_color(unicode::Dense1x2::Light)
        .light_color(unicode::Dense1x2::Dark)
        .build();
    Some(inverted)
}

fn code(text: &str) -> Option<QrCode> {
    if text.is_empty() { None } else { QrCode::new(text.as_bytes()).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_drawn_and_nothing_is_drawn_of_nothing() {
        let drawn = svg("weixin://wxpay/bizpayurl?pr=abc").expect("a code");
        assert!(drawn.starts_with("<?xml") && drawn.ends_with("</svg>"), "{drawn}");
        assert!(letters("weixin://wxpay/bizpayurl?pr=abc").expect("a code").lines().count() > 10);
        assert_eq!((svg(""), letters("")), (None, None));
        assert_eq!(svg(&"x".repeat(5000)), None);
    }
}
