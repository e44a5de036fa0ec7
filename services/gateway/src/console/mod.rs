//! What browsers get: the console's page and files, and the API's reference.

mod assets;
pub(crate) mod docs;
mod page;

pub(crate) use assets::serve;
