//! Customers.

pub(crate) mod read;
