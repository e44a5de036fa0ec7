//! What Meta does in more than one way: its pages contradict each other, or what is seen contradicts its pages.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::json::{JsonStyle, JsonWriter};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub(crate) struct Variations {
    /// Ids as numbers.
    pub(crate) numeric_ids: bool,
    /// Fields that nobody knows yet.
    pub(crate) unknown_fields: bool,
    /// Times that are numbers as texts.
    pub(crate) text_times: bool,
    /// Errors without `error_subcode`.
    pub(crate) omit_subcodes: bool,
    /// Deliveries name the messages.
    pub(crate) delivery_mids: bool,
    /// A customer reads what the app sends at once.
    pub(crate) read_receipts: bool,
    /// `mark_seen` empties `unread_count`.
    pub(crate) mark_seen_reads: bool,
    /// Messenger too tells the details of a conversation's 20 newest messages only.
    pub(crate) twenty_newest_on_messenger: bool,
    /// Messages that were taken back are missing from lists; else their ids and times are listed.
    pub(crate) unsent_left_out: bool,
    /// The Page's administrator has accepted the terms for labels; else 2/2018344.
    pub(crate) contact_terms_accepted: bool,
    /// Posts on Instagram in 24 hours: 25, 50 and 100 are printed.
    pub(crate) published_max: u32,
    /// Instagram's comments have their id as `comment_id`.
    pub(crate) comment_id: bool,
    /// Instagram's changes stand in the entry itself.
    pub(crate) flat_changes: bool,
    /// Files for Instagram are fetched, and judged by what comes.
    pub(crate) fetch_files: bool,
    /// A finished container answers once that it is not ready.
    pub(crate) not_ready_once: bool,
}

impl Default for Variations {
    fn default() -> Self {
        Self {
            numeric_ids: false,
            unknown_fields: false,
            text_times: false,
            omit_subcodes: false,
            delivery_mids: true,
            read_receipts: false,
            mark_seen_reads: false,
            twenty_newest_on_messenger: false,
            unsent_left_out: false,
            contact_terms_accepted: true,
            published_max: 50,
            comment_id: false,
            flat_changes: false,
            fetch_files: false,
            not_ready_once: false,
        }
    }
}

/// Members that are times, where they are numbers.
const TIMES: &[&str] = &["time", "timestamp", "watermark", "created_time", "expires_at", "issued_at"];

impl Variations {
    /// A body in other words, where that is asked for.
    pub(crate) fn reshape(self, style: JsonStyle, body: Vec<u8>) -> Vec<u8> {
        if !self.numeric_ids && !self.unknown_fields && !self.text_times {
            return body;
        }
        let Ok(mut value) = serde_json::from_slice::<Value>(&body) else { return body };
        self.change(&mut value);
        let mut writer = JsonWriter::new(style);
        writer.value(&value);
        writer.into_bytes()
    }

    fn change(self, value: &mut Value) {
        match value {
            Value::Array(elements) => elements.iter_mut().for_each(|element| self.change(element)),
            Value::Object(members) => self.change_members(members),
            _ => {}
        }
    }

    fn change_members(self, members: &mut Map<String, Value>) {
        for (name, member) in members.iter_mut() {
            let number = member.as_str().filter(|_| name == "id" || name.ends_with("_id"));
            let number = number.and_then(|text| text.parse::<u64>().ok());
            match (number, &*member) {
                (Some(number), _) if self.numeric_ids => *member = json!(number),
                (_, Value::Number(time)) if self.text_times && TIMES.contains(&name.as_str()) => {
                    *member = json!(time.to_string());
                }
                _ => self.change(member),
            }
        }
        // Not among names that are ids themselves, as `ids=` answers them.
        if self.unknown_fields && !members.keys().all(|name| name.bytes().all(|byte| byte.is_ascii_digit())) {
            members.insert("a_field_of_2031".to_owned(), json!({ "kinds": [1, null, "two"], "deep": { "er": [] } }));
        }
    }
}
