//! Connections: an account's Pages.

mod incidents;
mod overviews;
mod queries;
mod rows;
mod upserts;

pub use incidents::{Incident, NewIncident, add_incident, list_incidents};
pub use overviews::{ActiveRun, ConnectionBrief, ConnectionOverview, TokenClocks, list_briefs, list_overviews};
pub use queries::{
    find, find_by_page, find_many, find_owners, find_picture, list, list_due, list_due_full, list_silent,
    list_time_zones, mark_full_sync,
};
pub use rows::{ConnectOutcome, Connection, DueConnection, FoundOwner, InstagramDetails, PageDetails, Picture, Synced};
pub use upserts::{
    connect_instagram, connect_many, disconnect, is_subscription_shared, mark_subscribed, mark_synced, mark_troubled,
    set_picture, update_details,
};
