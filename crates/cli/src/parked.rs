//! `pagekeeper parked …`

mod answers;
mod show;

use std::io::{self, IsTerminal as _, Write as _};

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use serde::Serialize;

use self::answers::{DropAnswer, List, Parked, ParkedWithContent, ReplayAnswer};
use crate::api::Api;
use crate::failure::Failure;
use crate::output::{cut, say, say_json, table};

/// The gateway's most for one answer.
const PAGE: usize = 100;
const NAME_MAX: usize = 16;

#[derive(Debug, Subcommand)]
pub(crate) enum ParkedCommand {
    /// List what is parked, the longest parked first
    List(ListOptions),
    /// Show one message with its content
    Show {
        /// As the list shows it
        id: String,
        /// Print the gateway's JSON
        #[arg(long)]
        json: bool,
    },
    /// Try messages again, from the first try on; safe at any time
    Replay {
        #[command(flatten)]
        choice: Choice,
    },
    /// Drop messages for good
    Drop {
        #[command(flatten)]
        choice: Choice,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ListOptions {
    #[command(flatten)]
    filter: Filter,
    /// At most so many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    /// Print the gateway's JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args, Serialize)]
pub(crate) struct Filter {
    /// Only of this queue, as the list names it, or `quarantine`
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    queue: Option<String>,
    /// Only of this Page: its connection's id, or its id at Facebook
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<String>,
    /// Only where the reason holds this text
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Only those parked so long ago: 90s, 30m, 2h, 7d
    #[arg(long, value_name = "AGE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    older_than: Option<String>,
}

/// Which messages.
#[derive(Debug, Args, Serialize)]
pub(crate) struct Choice {
    /// Ids, as the list shows them
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ids: Vec<String>,
    #[command(flatten)]
    #[serde(flatten)]
    filter: Filter,
    /// Everything
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    all: bool,
    /// Print the gateway's JSON
    #[arg(long)]
    #[serde(skip)]
    json: bool,
}

pub(crate) async fn run(api: &Api, command: ParkedCommand) -> Result<(), Failure> {
    match command {
        ParkedCommand::List(options) => list(api, &options).await,
        ParkedCommand::Show { id, json } => show(api, &id, json).await,
        ParkedCommand::Replay { choice } => replay(api, &choice).await,
        ParkedCommand::Drop { choice, yes } => drop(api, &choice, yes).await,
    }
}

async fn list(api: &Api, options: &ListOptions) -> Result<(), Failure> {
    let list = fetch(api, &options.filter, options.limit).await?;
    if options.json {
        return Ok(say_json(&list)?);
    }
    let now = Utc::now();
    let rows: Vec<_> = list.data.iter().map(|parked| row(parked, now)).collect();
    if rows.is_empty() {
        say("Nothing is parked.")?;
    } else {
        say(&table(["ID", "PAGE", "AGE", "TRIES", "REASON"], &rows))?;
    }
    let total: u64 = list.totals.values().sum();
    if list.next_cursor.is_some() {
        say(&format!("{} of {total} are shown: --limit shows more.", rows.len()))?;
    }
    if !list.complete {
        say("Somebody else is at work on them, or there are very many: the list may lack some. Ask again.")?;
    }
    Ok(())
}

/// As many answers as it takes.
async fn fetch(api: &Api, filter: &Filter, limit: u32) -> Result<List, Failure> {
    let limit = usize::try_from(limit).unwrap_or(PAGE);
    let mut list = List { complete: true, ..List::default() };
    loop {
        let wanted = (limit - list.data.len()).min(PAGE).to_string();
        let mut query = vec![("limit", wanted.as_str())];
        query.extend(list.next_cursor.as_deref().map(|cursor| ("cursor", cursor)));
        query.extend(filter.pairs());
        let page: List = api.get(path(api, &[]).as_slice(), &query, "").await?;
        list.data.extend(page.data);
        list.complete &= page.complete;
        (list.totals, list.next_cursor) = (page.totals, page.next_cursor);
        if list.next_cursor.is_none() || list.data.len() >= limit {
            return Ok(list);
        }
    }
}

async fn show(api: &Api, id: &str, json: bool) -> Result<(), Failure> {
    let shown: ParkedWithContent = api.get(&path(api, &[id]), &[], id).await?;
    if json { Ok(say_json(&shown)?) } else { Ok(say(&show::text(&shown)?)?) }
}

async fn replay(api: &Api, choice: &Choice) -> Result<(), Failure> {
    choice.check()?;
    let done: ReplayAnswer = match choice.ids.as_slice() {
        [id] => api.post(&path(api, &[id, "replay"]), None::<&()>, id).await?,
        _ => api.post(&path(api, &["replay"]), Some(choice), "").await?,
    };
    if choice.json { Ok(say_json(&done)?) } else { Ok(say(&sentence(done.replayed, "replayed", done.more))?) }
}

async fn drop(api: &Api, choice: &Choice, yes: bool) -> Result<(), Failure> {
    choice.check()?;
    if !yes {
        confirm(choice)?;
    }
    let done: DropAnswer = match choice.ids.as_slice() {
        [id] => api.post(&path(api, &[id, "drop"]), None::<&()>, id).await?,
        _ => api.post(&path(api, &["drop"]), Some(choice), "").await?,
    };
    if choice.json { Ok(say_json(&done)?) } else { Ok(say(&sentence(done.dropped, "dropped", done.more))?) }
}

fn confirm(choice: &Choice) -> Result<(), Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::NotConfirmable);
    }
    let what = match choice.ids.len() {
        0 if choice.all => "everything that is parked".to_owned(),
        0 => "all that fit the filter".to_owned(),
        count => format!("{count} message(s)"),
    };
    write!(io::stderr(), "Drop {what} for good? [y/N] ")?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    if matches!(answer.trim().to_lowercase().as_str(), "y" | "yes") { Ok(()) } else { Err(Failure::NotConfirmed) }
}

impl Filter {
    fn pairs(&self) -> Vec<(&'static str, &str)> {
        let all =
            [("queue", &self.queue), ("page", &self.page), ("reason", &self.reason), ("older_than", &self.older_than)];
        all.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))).collect()
    }
}

impl Choice {
    fn check(&self) -> Result<(), Failure> {
        let has_filter = self.all || !self.filter.pairs().is_empty();
        match (self.ids.is_empty(), has_filter) {
            (true, false) => Err(Failure::NothingChosen),
            (false, true) => Err(Failure::TooMuchChosen),
            _ => Ok(()),
        }
    }
}

/// Operators have the same routes elsewhere.
fn path<'a>(api: &Api, rest: &[&'a str]) -> Vec<&'a str> {
    let start: &[&str] = if api.is_operator { &["api", "operations", "parked"] } else { &["api", "parked"] };
    start.iter().chain(rest).copied().collect()
}

fn row(parked: &Parked, now: DateTime<Utc>) -> [String; 5] {
    let page = parked.page.as_ref().and_then(|page| page.name.as_deref().or(page.page_id.as_deref()));
    [
        parked.id.clone(),
        cut(page.unwrap_or("-"), NAME_MAX),
        parked.parked_at.map_or("-".to_owned(), |at| age(at, now)),
        parked.attempts.to_string(),
        parked.reason.clone(),
    ]
}

/// In its largest unit.
fn age(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let seconds = (now - at).num_seconds().max(0);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m", seconds / 60),
        3_600..86_400 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

fn sentence(count: u64, done: &str, more: bool) -> String {
    let messages = if count == 1 { "message" } else { "messages" };
    let more = if more { " There are more: run it again." } else { "" };
    format!("{count} {messages} {done}.{more}")
}
