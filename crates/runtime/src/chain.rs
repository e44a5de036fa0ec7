//! An error with its causes, as one line.

use std::error::Error;
use std::fmt;

/// Prints an error and each of its sources, joined by `: `, without line ends. Our errors never repeat their cause in
/// `Display`.
pub struct Chain<'a>(pub &'a dyn Error);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut next = Some(self.0);
        let mut separator = "";
        while let Some(error) = next {
            write!(f, "{separator}{}", error.to_string().replace(['\n', '\r'], " "))?;
            separator = ": ";
            next = error.source();
        }
        Ok(())
    }
}
