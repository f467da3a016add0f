//! Finds attachments in JSON text with valid syntax.

use crate::element::ELEMENTS;
use std::ops::Range;

/// `{"$f32":[offset,length]}`.
#[derive(Debug, PartialEq)]
pub(crate) struct Reference {
    /// The position of the object in the text.
    pub place: Range<usize>,
    pub name: &'static str,
    pub size: usize,
    /// The upper half is the number of the span.
    pub offset: u64,
    pub length: usize,
}

/// Calls `found` with each attachment in turn. `false` if one is not a pair of whole numbers, or if `found`
/// returned it.
pub(crate) fn references(json: &str, mut found: impl FnMut(Reference) -> bool) -> bool {
    if !json.contains("\"$") && !json.contains("\\u0024") {
        return true;
    }
    let text = json.as_bytes();
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'"' => at = after_string(text, at),
            b'{' => match reference_at(json, at) {
                Found::Nothing => at += 1,
                Found::Wrong => return false,
                Found::Reference(reference) => {
                    at = reference.place.end;
                    if !found(reference) {
                        return false;
                    }
                }
            },
            _ => at += 1,
        }
    }
    true
}

enum Found {
    Nothing,
    Wrong,
    Reference(Reference),
}

fn reference_at(json: &str, open: usize) -> Found {
    let text = json.as_bytes();
    let key = after_space(text, open + 1);
    if text.get(key) != Some(&b'"') || !matches!(text.get(key + 1), Some(b'$' | b'\\')) {
        return Found::Nothing;
    }
    let key_end = after_string(text, key);
    let Some(&(name, size)) = named(&json[key..key_end]) else { return Found::Nothing };
    let value = after_space(text, after_space(text, key_end) + 1);
    let value_end = after_value(text, value);
    let close = after_space(text, value_end);
    if text.get(close) != Some(&b'}') {
        return Found::Nothing;
    }
    match serde_json::from_str::<[u64; 2]>(&json[value..value_end]) {
        Ok([offset, length]) => match usize::try_from(length) {
            Ok(length) => Found::Reference(Reference { place: open..close + 1, name, size, offset, length }),
            Err(_) => Found::Wrong,
        },
        Err(_) => Found::Wrong,
    }
}

/// The element whose name the quoted key is.
fn named(key: &str) -> Option<&'static (&'static str, usize)> {
    let plain = &key[1..key.len() - 1];
    if !plain.contains('\\') {
        return ELEMENTS.iter().find(|(name, _)| *name == plain);
    }
    let decoded: String = serde_json::from_str(key).ok()?;
    ELEMENTS.iter().find(|(name, _)| *name == decoded)
}

fn after_space(text: &[u8], mut at: usize) -> usize {
    while matches!(text.get(at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
        at += 1;
    }
    at
}

fn after_string(text: &[u8], open: usize) -> usize {
    let mut at = open + 1;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    text.len()
}

fn after_value(text: &[u8], mut at: usize) -> usize {
    let mut depth = 0usize;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'"' => {
                at = after_string(text, at);
                if depth == 0 {
                    return at;
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => return at,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            b',' | b' ' | b'\n' | b'\r' | b'\t' if depth == 0 => return at,
            _ => {}
        }
        at += 1;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(json: &str) -> Option<Vec<(u64, usize)>> {
        let mut list = Vec::new();
        references(json, |reference| {
            list.push((reference.offset, reference.length));
            true
        })
        .then_some(list)
    }

    #[test]
    fn finds_attachments_wherever_they_stand() {
        assert_eq!(found(r#"{"a":[{"$bytes":[0,3]},"{\"$bytes\":[1,1]}"]}"#), Some(vec![(0, 3)]));
        assert_eq!(found("{ \"$f32\" : [ 8 , 2 ] }"), Some(vec![(8, 2)]));
        assert_eq!(found(r#"{"\u0024i8":[0,1]}"#), Some(vec![(0, 1)]));
    }

    #[test]
    fn objects_with_more_keys_are_objects() {
        assert_eq!(found(r#"{"$bytes":[0,3],"b":{"$u8":1}}"#), Some(vec![]));
    }

    #[test]
    fn anything_but_a_pair_is_wrong() {
        for value in ["1", "[]", "[0]", "[0,1,2]", "[-1,2]", "[0.5,1]", "\"x\"", "{}"] {
            assert_eq!(found(&format!(r#"{{"$bytes":{value}}}"#)), None, "{value}");
        }
    }
}
