//! What a message says of itself beside its content.

use crate::v1::{
    ConnectPages, ConnectionChanged, ConversationsChanged, DisconnectPage, MediaRefreshed, RefreshMedia, RunProgressed,
    SyncPage, WebhookBundle,
};

/// The durable topic exchanges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Exchange {
    /// Meta's webhooks, as they came.
    Webhooks,
    /// Work that somebody asked for, in the imperative.
    Commands,
    /// Facts, in the past tense.
    Events,
}

impl Exchange {
    pub const ALL: [Self; 3] = [Self::Webhooks, Self::Commands, Self::Events];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Webhooks => "webhooks",
            Self::Commands => "commands",
            Self::Events => "events",
        }
    }
}

/// A message of `proto/`, with where it goes.
pub trait Contract: prost::Message + Default {
    /// Stands in the message's `type` property.
    const TYPE: &'static str;
    const EXCHANGE: Exchange;
    const VERSION: u16 = 1;

    fn routing_key(&self) -> String;

    /// The account whose rows it speaks of; none for webhooks, whose account is not known yet.
    fn account_id(&self) -> Option<i64>;
}

macro_rules! contract {
    ($($type:ident, $exchange:ident, $name:literal, $routing_key:expr, $account_id:expr;)+) => {$(
        impl Contract for $type {
            const TYPE: &'static str = $name;
            const EXCHANGE: Exchange = Exchange::$exchange;

            fn routing_key(&self) -> String {
                let routing_key: fn(&Self) -> String = $routing_key;
                routing_key(self)
            }

            fn account_id(&self) -> Option<i64> {
                let account_id: fn(&Self) -> Option<i64> = $account_id;
                account_id(self)
            }
        }
    )+};
}

contract! {
    WebhookBundle, Webhooks, "webhook.bundle", |_| "entry.0".to_owned(), |_| None;
    ConnectPages, Commands, "sync.connect", |_| Self::TYPE.to_owned(), |command| Some(command.account_id);
    SyncPage, Commands, "sync.page", sync_page, |command| Some(command.account_id);
    DisconnectPage, Commands, "sync.disconnect", |_| Self::TYPE.to_owned(), |command| Some(command.account_id);
    RefreshMedia, Commands, "media.refresh", |_| Self::TYPE.to_owned(), |command| Some(command.account_id);
    ConversationsChanged, Events, "conversation.changed", |event| of_account(Self::TYPE, event.account_id), |event| Some(event.account_id);
    ConnectionChanged, Events, "connection.changed", |event| of_account(Self::TYPE, event.account_id), |event| Some(event.account_id);
    RunProgressed, Events, "run.progressed", |event| of_account(Self::TYPE, event.account_id), |event| Some(event.account_id);
    MediaRefreshed, Events, "media.refreshed", |event| of_account(Self::TYPE, event.account_id), |event| Some(event.account_id);
}

/// What somebody waits for has a queue of its own.
fn sync_page(command: &SyncPage) -> String {
    let lane = if command.interactive { ".interactive" } else { "" };
    format!("{}{lane}", SyncPage::TYPE)
}

fn of_account(fact: &str, account_id: i64) -> String {
    format!("{fact}.{account_id}")
}
