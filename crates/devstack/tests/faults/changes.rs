//! What customers do with messages after they sent them, and whether Pagekeeper knows of all of it.

use std::collections::{BTreeMap, BTreeSet};

use pagekeeper_testkit::{Poll, wait_for};
use serde_json::{Value, json};

use crate::system::{FaultySystem, LIMIT};

/// By the message's id.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    taken_back: BTreeSet<String>,
    edited: BTreeMap<String, String>,
    reacted: BTreeMap<String, String>,
}

impl Changes {
    pub(crate) fn count(&self) -> usize {
        self.taken_back.len() + self.edited.len() + self.reacted.len()
    }

    /// Changes so many messages of customers that were sent until now, in each way.
    pub(crate) async fn make(
        &mut self,
        system: &FaultySystem,
        ledger: &[Value],
        each: usize,
        random: &mut fastrand::Rng,
    ) {
        // Customers change what they sent, and react to what the Page sent.
        let (answers, sent): (Vec<&Value>, Vec<&Value>) = ledger.iter().partition(|line| line["from_page"] == true);
        for kind in ["delete", "edit", "react"].into_iter().cycle().take(3 * each) {
            let of = if kind == "react" { &answers } else { &sent };
            let Some(line) = random.choice(of) else { continue };
            let (page, mid) = (line["page_id"].as_str().unwrap(), line["mid"].as_str().unwrap().to_owned());
            if self.knows(&mid) {
                continue;
            }
            let path = format!("/_sim/pages/{page}/messages/{mid}");
            let change = match kind {
                "delete" => {
                    self.taken_back.insert(mid);
                    json!({ "deleted": true })
                }
                "edit" => {
                    let text = format!("No, {} of them, please", random.u32(2..1_000));
                    self.edited.insert(mid, text.clone());
                    json!({ "text": text })
                }
                _ => {
                    let emoji = random.choice(["❤", "👍", "😆"]).unwrap().to_owned();
                    self.reacted.insert(mid, emoji.clone());
                    json!({ "reaction": emoji })
                }
            };
            system.simulator.patch(&path, &change).await.unwrap();
        }
    }

    fn knows(&self, mid: &str) -> bool {
        self.taken_back.contains(mid) || self.edited.contains_key(mid) || self.reacted.contains_key(mid)
    }

    /// Waits until each of them is known, and what was taken back is nowhere to be read.
    pub(crate) async fn all_there(&self, system: &FaultySystem) {
        let json = |rows: Value| rows.to_string().replace('\'', "''");
        let taken_back = json(json!(self.taken_back));
        let edited = json(json!(self.edited));
        let reacted = json(json!(self.reacted));
        let missing = [
            format!(
                "select count(*) from jsonb_array_elements_text('{taken_back}') d (mid)
                 where not exists (select from message_changes c where c.mid = d.mid and c.deleted_at is not null)
                     or exists (select from messages m where m.mid = d.mid and m.text is not null)"
            ),
            format!(
                "select count(*) from jsonb_each_text('{edited}') e (mid, text)
                 where not exists (select from message_changes c where c.mid = e.mid and c.text = e.text)"
            ),
            format!(
                "select count(*) from jsonb_each_text('{reacted}') r (mid, emoji)
                 where not exists (select from message_reactions f where f.mid = r.mid and not f.from_page and f.emoji is not null)"
            ),
        ];
        wait_for("all that customers changed", LIMIT, async || {
            let mut counts = Vec::new();
            for sql in &missing {
                counts.push(system.number(sql).await);
            }
            let status = format!("{counts:?} of those taken back, edited and reacted to are missing");
            Poll::when(counts.iter().all(|count| *count == 0).then_some(()), status)
        })
        .await;
    }
}
