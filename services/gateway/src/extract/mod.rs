//! What handlers take instead of checking by hand.

pub(crate) mod api_error;
pub(crate) mod authorised;
pub(crate) mod cross_site;
pub(crate) mod doors;
pub(crate) mod operator;
pub(crate) mod paging;
pub(crate) mod principal;
pub(crate) mod wait;
