//! Live hints: from the events on RabbitMQ to open screens and waiting routes.

pub(crate) mod events;
pub(crate) mod hints;
pub(crate) mod hub;
mod listen;
pub(crate) mod seats;

pub(crate) use listen::{bindings, listen};
