//! The contracts of the messages.

mod golden;
