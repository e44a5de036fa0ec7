//! What the stack tells when it is up: a table for people, `stack.json` for programs.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use crate::folder::DevFolder;
use crate::terminal::{Terminal, say};

/// The content of `stack.json`. An address is null while nothing listens there.
#[derive(Clone, Serialize, Deserialize)]
pub struct StackFile {
    pub gateway: Option<String>,
    pub ingest: Option<String>,
    pub graph_sim: Option<String>,
    pub amqp: String,
    pub management: String,
    /// An administrator's address; services log in with roles of their own.
    pub database: String,
    /// Where mails can be read; nothing sends any yet.
    pub mail: Option<String>,
    /// Service → its operations port, with `/livez`, `/readyz` and `/metrics`.
    pub operations: BTreeMap<String, String>,
    pub app_id: String,
    pub app_secret: String,
    pub verify_token: String,
    pub cron_secret: String,
    /// An API key of the demo account's owner.
    pub api_token: Option<String>,
    /// The demo person's simulated user token with all permissions, for Graph clients.
    pub graph_user_token: Option<String>,
}

const FILE: &str = "stack.json";

impl StackFile {
    pub(crate) fn read(folder: &DevFolder) -> Option<Self> {
        serde_json::from_slice(&fs::read(folder.join(FILE)).ok()?).ok()
    }

    /// Written whole or not at all: programs wait for it.
    pub(crate) fn write(&self, folder: &DevFolder) -> Result<()> {
        let partial = folder.join("stack.json.partial");
        fs::write(&partial, serde_json::to_vec_pretty(self)?).context("cannot write stack.json")?;
        fs::rename(partial, folder.join(FILE)).context("cannot write stack.json")
    }

    pub(crate) fn remove(folder: &DevFolder) {
        let _ = fs::remove_file(folder.join(FILE));
    }

    pub(crate) fn print(&self, folder: &DevFolder, terminal: Terminal) {
        let row = |what: &str, address: &str| say(&format!("  {what:<22} {}", terminal.bold(address)));
        say("");
        if let Some(gateway) = &self.gateway {
            row("Console", gateway);
        }
        if let Some(graph_sim) = &self.graph_sim {
            row("Simulated Facebook", graph_sim);
        }
        if let Some(gateway) = &self.gateway {
            row("API reference", &format!("{gateway}/docs"));
        }
        if let Some(ingest) = &self.ingest {
            row("Webhooks", &format!("{ingest}/api/webhook"));
        }
        row("RabbitMQ management", &self.management);
        row("PostgreSQL", &self.database);
        for (service, address) in &self.operations {
            row(&format!("{service} operations"), address);
        }
        say("");
        say(&format!("  Keys and tokens: {}", folder.join(FILE).display()));
        say(&format!("  Logs:            {}", folder.join("logs").display()));
        say("  Ctrl-C stops everything.");
    }
}
