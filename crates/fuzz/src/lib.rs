//! Any bytes in place of what comes from outside: nothing panics, and the laws hold that hold for all bytes.
//!
//! As tests, these try the corpora in `__fuzz__` and some random inputs, in seconds. `just fuzz` looks for new inputs,
//! guided by coverage, for as long as is asked for, and keeps what it finds in the corpora; `just fuzz-reduce` leaves what
//! covers something that nothing else does.

#[cfg(test)]
mod domain;
#[cfg(test)]
mod graph;
#[cfg(test)]
mod webhooks;
