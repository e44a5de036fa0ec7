//! Who waits for a piece of work.

/// What somebody waits for goes before what nobody waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lane {
    /// A person.
    Interactive,
    /// Nobody.
    Background,
}
