use std::fmt;

/// The outcome of an actor: its puts are the result, or the tick failed.
pub type Outcome = Result<(), Failure>;

/// Why a tick failed, with the status for the host.
#[derive(Debug)]
pub struct Failure {
    pub(crate) status: i32,
    pub(crate) text: String,
}

impl Failure {
    pub(crate) const NO_INSTANCE: i32 = -1;
    pub(crate) const NOT_UTF8: i32 = -2;
    pub(crate) const BAD_PAYLOAD: i32 = -3;
    pub(crate) const FAILED: i32 = -4;
    pub(crate) const UNWRITABLE: i32 = -5;
    pub(crate) const PANIC: i32 = -99;

    /// The actor refused the input.
    pub fn new(text: impl Into<String>) -> Self {
        Self::with_status(Self::FAILED, text)
    }

    pub(crate) fn with_status(status: i32, text: impl Into<String>) -> Self {
        Self { status, text: text.into() }
    }

    pub(crate) fn unwritable(reason: impl fmt::Display) -> Self {
        Self::with_status(Self::UNWRITABLE, format!("Cannot write the result as {reason}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Lets `?` turn any error into a failed tick. For that reason `Failure` does not implement `Error`.
impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::new(error.to_string())
    }
}
