//! What a merchant needs to call each channel.

use super::{World, alipay, stripe, union_pay, wechat_pay};
use serde::Serialize;
use std::collections::BTreeMap;

/// A channel's set-up file.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Setup {
    /// `wechat_pay`.
    pub channel: &'static str,
    /// Where to call.
    pub base: String,
    /// What the channel's portal shows, and what the merchant made.
    pub fields: BTreeMap<&'static str, String>,
}

impl Setup {
    /// The file.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("text fields have a JSON form");
        text.push('\n');
        text
    }
}

/// Practice keys protect nothing, yet keys are not printed here.
impl std::fmt::Debug for Setup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<_> = self.fields.keys().collect();
        f.debug_struct("Setup").field("channel", &self.channel).field("fields", &names).finish()
    }
}

pub(super) fn all(world: &World) -> Vec<Setup> {
    let setup = |channel, fields: Vec<(&'static str, String)>| Setup {
        channel,
        base: world.base.clone(),
        fields: fields.into_iter().collect(),
    };
    vec![
        setup("wechat_pay", wechat_pay::fields(world)),
        setup("alipay", alipay::fields(world)),
        setup("union_pay", union_pay::fields()),
        setup("stripe", stripe::fields()),
    ]
}
