//! What operators ask.

pub(crate) mod health;
pub(crate) mod read_health;
pub(crate) mod readiness;
