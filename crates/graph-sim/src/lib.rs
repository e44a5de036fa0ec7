//! A faithful local Facebook: OAuth dialog, Graph API, webhooks, limits and faults, over HTTP.
//!
//! It is written from Meta's documentation and shares no type with any client of the Graph API.

mod api;
mod calls;
mod changes;
mod clock;
mod config;
mod control;
mod faults;
mod files;
mod instagram_login;
mod journal;
mod json;
mod limits;
mod load;
mod locks;
mod oauth;
mod pages;
mod parameters;
mod pictures;
mod restore;
mod running;
mod server;
mod simulator;
mod uploads;
mod variations;
mod webhooks;
mod world;

pub use clock::ClockMode;
pub use config::{AppConfig, Latency, RedirectUris, SimConfig, TokenExchange, TokenLifetimes};
pub use journal::JournalError;
pub use json::JsonStyle;
pub use limits::LimitsConfig;
pub use oauth::callbacks::CallbackUrls;
pub use running::{GraphSim, RunningSim, StartError, run_until_stopped};
pub use world::config::{DemoSizes, MessageCount, PageConfig, PersonConfig, RoleConfig, Task, WorldConfig};
