//! What stands around every route: limits, request ids, spans, security headers, problem answers.

pub mod body;
pub mod chassis;
mod deadline;
mod empty_errors;
mod encoding;
pub mod extract;
pub mod request_id;
mod root_span;
pub mod server;

pub use body::{BodyError, read_body};
pub use chassis::{HttpConfig, chassis};
pub use extract::{Json, Query};
pub use request_id::RequestId;
pub use server::{BoundServer, bind};
