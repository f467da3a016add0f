use crate::element::{Element, bytes_of};
use crate::failure::{Failure, Outcome};
use crate::payload::{Attachment, Payload};
use crate::scan::references;
use crate::writer::Writer;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// One tick: the values of the inports, and the result. What it lends is valid during the tick.
pub struct Tick<'a> {
    pub(crate) payload: Payload<'a>,
    pub(crate) writer: Writer<'a>,
}

fn optional<'a, T: Deserialize<'a>>(value: Option<&'a RawValue>, what: &str, key: &str) -> Result<Option<T>, Failure> {
    let Some(value) = value else { return Ok(None) };
    serde_json::from_str(value.get()).map_err(|error| Failure::new(format!("Cannot read {what} \"{key}\" as {error}")))
}

impl<'a> Tick<'a> {
    /// The value of a port, or `None` for a missing value or null. A value that is not a `T` fails the tick.
    pub fn input<T: Deserialize<'a>>(&self, port: &str) -> Result<Option<T>, Failure> {
        optional(self.payload.input.get(port), "input", port)
    }

    /// The same for a required port.
    pub fn required<T: Deserialize<'a>>(&self, port: &str) -> Result<T, Failure> {
        self.input(port)?.ok_or_else(|| Failure::new(format!("Cannot run as nothing came in on \"{port}\"")))
    }

    /// The configuration of the instance.
    pub fn config<T: Deserialize<'a>>(&self, key: &str) -> Result<Option<T>, Failure> {
        optional(self.payload.config.get(key), "config", key)
    }

    /// Whether a port has a value other than null.
    pub fn has(&self, port: &str) -> bool {
        self.raw(port).is_some_and(|value| value.get() != "null")
    }

    /// The JSON of a port's value.
    pub fn raw(&self, port: &str) -> Option<&'a RawValue> {
        self.payload.input.get(port)
    }

    /// The bytes of a port's value, without a copy.
    pub fn bytes(&self, port: &str) -> Result<&'a [u8], Failure> {
        self.slice(port)
    }

    /// The numbers of a port's value, without a copy.
    pub fn slice<T: Element>(&self, port: &str) -> Result<&'a [T], Failure> {
        let found = self.raw(port).and_then(|value| self.payload.attachment(value));
        found.and_then(|attachment| self.resolve(&attachment)).ok_or_else(|| {
            Failure::new(format!("Cannot run as what came in on \"{port}\" is not an attachment \"{}\"", T::NAME))
        })
    }

    /// The target of an attachment inside another value; `None` if its elements have another type.
    pub fn resolve<T: Element>(&self, attachment: &Attachment) -> Option<&'a [T]> {
        self.payload.slice(attachment)
    }

    /// Writes a value to an outport.
    pub fn put(&mut self, port: &str, value: impl Serialize) -> Outcome {
        self.writer.key(port)?;
        serde_json::to_writer(&mut self.writer, &value).map_err(Failure::unwritable)
    }

    /// Writes bytes to an outport.
    pub fn put_bytes(&mut self, port: &str, bytes: &[u8]) -> Outcome {
        self.put_slice(port, bytes)
    }

    /// Writes numbers to an outport, as an attachment.
    pub fn put_slice<T: Element>(&mut self, port: &str, elements: &[T]) -> Outcome {
        self.writer.key(port)?;
        self.writer.attach(T::NAME, size_of::<T>(), elements.len())?.copy_from_slice(bytes_of(elements));
        Ok(())
    }

    /// Room for an attachment, to be filled in place. Its content is undefined before.
    pub fn reserve<T: Element>(&mut self, port: &str, length: usize) -> Result<&mut [T], Failure> {
        self.writer.key(port)?;
        self.writer.attach_elements(length)
    }

    /// Writes the value of a port unchanged to an outport, including attachments; null if there is none.
    pub fn forward(&mut self, inport: &str, outport: &str) -> Outcome {
        self.writer.key(outport)?;
        let json = self.raw(inport).map_or("null", RawValue::get);
        let (attachments, writer) = (self.payload.attachments, &mut self.writer);
        let (mut done, mut outcome) = (0, Ok(()));
        /* Without memory for them, attachments are empty, and their references do not move. */
        if attachments.none() {
            writer.json(json.as_bytes());
            return Ok(());
        }
        references(json, |reference| {
            writer.json(&json.as_bytes()[done..reference.place.start]);
            done = reference.place.end;
            let from = attachments.bytes(&reference).unwrap_or_default();
            match writer.attach(reference.name, reference.size, reference.length) {
                Ok(to) if to.len() == from.len() => to.copy_from_slice(from),
                Ok(_) => {}
                Err(failure) => outcome = Err(failure),
            }
            outcome.is_ok()
        });
        writer.json(&json.as_bytes()[done..]);
        outcome
    }
}
