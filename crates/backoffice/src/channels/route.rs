//! How to get out of the house, as a setting says it.

use super::{Route, Timing};
use crate::error::Error;
use connectors::transport::Transport;

/// How the address of a proxy begins.
const SCHEMES: [&str; 4] = ["http://", "https://", "socks5://", "socks5h://"];

/// The way a setting names: empty for the computer's own, `direct`, or the address of a proxy.
///
/// # Errors
/// [`Error::BadInput`] for anything else, and for an address with a name or a password: settings
/// stand outside the encrypted book.
pub fn route_of(setting: &str) -> Result<Route, Error> {
    let bad = |reason: String| Error::BadInput { field: "proxy", reason };
    match setting.trim() {
        "" => Ok(Route::System),
        "direct" => Ok(Route::Direct),
        text if text.contains('@') => {
            Err(bad("a name or a password belongs into the computer's own settings".to_owned()))
        }
        text if !is_proxy(text) => Err(bad("is no address of a proxy".to_owned())),
        text => {
            let route = Route::Proxy(text.to_owned());
            Transport::new(Timing::default(), &route).map_err(|wrong| bad(wrong.to_string()))?;
            Ok(route)
        }
    }
}

fn is_proxy(text: &str) -> bool {
    let host = SCHEMES.iter().find_map(|scheme| text.strip_prefix(scheme));
    host.is_some_and(|host| host.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '['))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_names_the_way_out_and_holds_no_password() {
        assert_eq!(route_of(" ").ok(), Some(Route::System));
        assert_eq!(route_of("direct").ok(), Some(Route::Direct));
        let proxy = "http://127.0.0.1:3128";
        assert_eq!(route_of(proxy).ok(), Some(Route::Proxy(proxy.to_owned())));
        for wrong in ["http://me:CANARY@proxy:3128", "proxy", "ftp://proxy:1", "http://"] {
            let told = route_of(wrong).expect_err(wrong).to_string();
            assert!(!told.contains("CANARY"), "{told}");
        }
    }
}
