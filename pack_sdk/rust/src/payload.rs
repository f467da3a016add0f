//! The input, validated as a whole before the actor runs.

use crate::areas::Areas;
use crate::element::Element;
use crate::failure::Failure;
use crate::scan::{Reference, references};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// A JSON object whose values are not parsed. The last of several equal keys counts.
#[derive(Default)]
pub(crate) struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Members<'a> {
    pub fn get(&self, key: &str) -> Option<&'a RawValue> {
        self.0.iter().rev().find(|(name, _)| name == key).map(|(_, value)| *value)
    }
}

/// Text that is borrowed unless there are escapes in it.
struct Key<'a>(Cow<'a, str>);

struct KeyVisitor;

impl<'de> Visitor<'de> for KeyVisitor {
    type Value = Key<'de>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
        Ok(Key(Cow::Borrowed(key)))
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(Key(Cow::Owned(key.to_owned())))
    }
}

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(KeyVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(Key(key)) = map.next_key()? {
            members.push((key, map.next_value()?));
        }
        Ok(Members(members))
    }
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

#[derive(Default)]
pub(crate) struct Payload<'a> {
    pub input: Members<'a>,
    pub config: Members<'a>,
    pub attachments: Areas<'a>,
}

fn wrong(reason: impl fmt::Display) -> Failure {
    Failure::with_status(Failure::BAD_PAYLOAD, format!("Cannot read the payload as {reason}"))
}

impl<'a> Payload<'a> {
    /// Of a frame, aligned to 8. The areas have its spans.
    pub fn of_frame(frame: &'a [u8], areas: Areas<'a>) -> Result<Self, Failure> {
        let length = frame.first_chunk().map(|bytes| u32::from_le_bytes(*bytes) as usize);
        let end = length.and_then(|length| length.checked_add(4)).filter(|end| *end <= frame.len());
        let Some(end) = end else { return Err(wrong("the frame's length is wrong")) };
        let behind = frame.get(end.next_multiple_of(8)..).unwrap_or_default();
        Self::parse(&frame[4..end], areas.with_frame(behind))
    }

    pub fn of_json(json: &'a [u8]) -> Result<Self, Failure> {
        Self::parse(json, Areas::default())
    }

    fn parse(json: &'a [u8], attachments: Areas<'a>) -> Result<Self, Failure> {
        let json = std::str::from_utf8(json)
            .map_err(|_| Failure::with_status(Failure::NOT_UTF8, "Cannot read the payload as it is not UTF-8"))?;
        let members: Members = serde_json::from_str(json).map_err(wrong)?;
        let part = |key| match members.get(key).map(RawValue::get) {
            None | Some("null") => Ok(Members::default()),
            Some(text) if only_reference(text).is_none() => {
                serde_json::from_str(text).map_err(|_| wrong(format_args!("its {key} is not an object")))
            }
            Some(_) => Err(wrong(format_args!("its {key} is not an object"))),
        };
        if !references(json, |reference| attachments.bytes(&reference).is_some()) {
            return Err(wrong("an attachment is not inside the frame"));
        }
        Ok(Self { input: part("input")?, config: part("config")?, attachments })
    }

    /// The attachment of a value, if it is one.
    pub fn attachment(&self, value: &RawValue) -> Option<Attachment> {
        only_reference(value.get()).map(Attachment)
    }

    pub fn slice<T: Element>(&self, attachment: &Attachment) -> Option<&'a [T]> {
        let bytes = self.attachments.bytes(&attachment.0).filter(|_| attachment.0.name == T::NAME)?;
        if bytes.is_empty() { Some(&[]) } else { crate::element::elements_of(bytes) }
    }
}

/// The attachment, if it is the whole text.
fn only_reference(text: &str) -> Option<Reference> {
    let mut only = None;
    references(text, |reference| {
        only = (reference.place == (0..text.len())).then_some(reference);
        false
    });
    only
}

/// A reference to bytes or numbers of a frame, in its JSON form. `Tick::resolve` returns its target.
pub struct Attachment(pub(crate) Reference);

impl<'de> Deserialize<'de> for Attachment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AttachmentVisitor;
        impl<'de> Visitor<'de> for AttachmentVisitor {
            type Value = Attachment;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("bytes or a typed array")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Attachment, A::Error> {
                let found = map.next_entry::<Key, (u64, usize)>()?.and_then(|(Key(key), pair)| {
                    let element = crate::element::ELEMENTS.iter().find(|(name, _)| *name == key)?;
                    Some((element, pair))
                });
                let Some((&(name, size), (offset, length))) = found else {
                    return Err(serde::de::Error::custom("not an attachment"));
                };
                if map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
                    return Err(serde::de::Error::custom("not an attachment"));
                }
                Ok(Attachment(Reference { place: 0..0, name, size, offset, length }))
            }
        }
        deserializer.deserialize_map(AttachmentVisitor)
    }
}
