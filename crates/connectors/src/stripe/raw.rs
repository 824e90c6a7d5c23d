//! The parts of a JSON text as they stand in it.

use serde::de::IgnoredAny;
use serde_json::Deserializer;

/// The value of a member of an object, as it stands; `None` where there is none.
pub(super) fn member<'t>(object: &'t str, name: &str) -> Option<&'t str> {
    let mut rest = object.trim_start().strip_prefix('{')?;
    loop {
        let (key, behind) = value(rest)?;
        let (found, behind) = value(behind.trim_start().strip_prefix(':')?)?;
        if serde_json::from_str::<String>(key).ok()? == name {
            return Some(found);
        }
        rest = behind.trim_start().strip_prefix(',')?;
    }
}

/// The values of an array, as they stand; `None` for what is none.
pub(super) fn items(array: &str) -> Option<Vec<&str>> {
    let mut rest = array.trim_start().strip_prefix('[')?;
    let mut items = Vec::new();
    if rest.trim() == "]" {
        return Some(items);
    }
    loop {
        let (item, behind) = value(rest)?;
        items.push(item);
        let behind = behind.trim_start();
        match behind.strip_prefix(',') {
            Some(next) => rest = next,
            None => return (behind.trim() == "]").then_some(items),
        }
    }
}

/// The value that a text begins with, and what is behind it.
fn value(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let mut values = Deserializer::from_str(text).into_iter::<IgnoredAny>();
    values.next()?.ok()?;
    text.split_at_checked(values.byte_offset())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_as_they_stand() {
        let list = " { \"object\" : \"list\", \"data\" : [ {\"a\":1.50,\"b\":\"]},\"} , 2,[] ] }";
        let data = member(list, "data").expect("a member");
        assert_eq!(items(data), Some(vec!["{\"a\":1.50,\"b\":\"]},\"}", "2", "[]"]));
        assert_eq!(items("[ ]"), Some(Vec::new()));
        for broken in ["", "{", "[1", "[1,]", "[1 2]", "{\"a\" 1}", "<html>"] {
            assert_eq!((items(broken), member(broken, "b")), (None, None), "{broken}");
        }
    }
}
