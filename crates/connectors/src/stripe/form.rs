//! Parameters as Stripe's own clients write them.

/// Names and values, in the order they were added.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Adds a parameter; nested names are written out: `metadata[order]`, `expand[0]`.
    pub fn add(&mut self, name: &str, value: impl Into<String>) {
        self.0.push((name.to_owned(), value.into()));
    }

    /// For a body: brackets of names stay as they are.
    pub fn body(&self) -> String {
        self.join(|name| encode(name).replace("%5B", "[").replace("%5D", "]"))
    }

    /// For a query: brackets of names are encoded.
    pub fn query(&self) -> String {
        self.join(encode)
    }

    fn join(&self, write: impl Fn(&str) -> String) -> String {
        let pair = |(name, value): &(String, String)| format!("{}={}", write(name), encode(value));
        self.0.iter().map(pair).collect::<Vec<_>>().join("&")
    }
}

/// Values may name people.
impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Form({} parameters)", self.0.len())
    }
}

fn encode(text: &str) -> String {
    crate::http::encode_component(text).replace("%20", "+")
}
