//! A message between a Page and a customer, as webhooks and the Conversations API both tell of it.

use chrono::{DateTime, Utc};
use pagekeeper_common::domain::ids::{Mid, Psid};
use pagekeeper_common::domain::media::MediaUrl;
use pagekeeper_store::messages::{Attachment, MessageUpsert, ToldMedia};

/// Messenger allows 2,000 characters; what is far beyond that is cut, not refused.
const TEXT_MAX_CHARACTERS: usize = 20_000;

/// Names of files and link titles are labels in the console.
const LABEL_MAX_CHARACTERS: usize = 200;

/// Attachments whose address leads to a file of Meta's.
const FILES: [&str; 8] = ["image", "sticker", "video", "audio", "file", "reel", "ig_reel", "share"];

/// More attachments than Messenger can show in one message.
pub const ATTACHMENTS_MAX: usize = 50;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The customer, whoever wrote.
    pub psid: Psid,
    pub mid: Mid,
    pub from_page: bool,
    pub sent_at: DateTime<Utc>,
    pub text: Option<String>,
    pub attachments: Vec<Attachment>,
    pub media: Vec<ToldMedia>,
    /// The app that sent an echo.
    pub app_id: Option<String>,
    pub reply_to_mid: Option<Mid>,
}

impl Message {
    /// The upsert of this message; `conversation` is the index of its conversation in the same batch.
    pub fn upsert(&self, conversation: usize) -> MessageUpsert {
        MessageUpsert {
            conversation,
            mid: self.mid.clone(),
            from_page: self.from_page,
            sent_at: self.sent_at,
            text: self.text.clone(),
            attachments: self.attachments.clone(),
            media: self.media.clone(),
            app_id: self.app_id.clone(),
            reply_to_mid: self.reply_to_mid.clone(),
        }
    }
}

/// Where the attachments can be fetched, those that are files: a link leads anywhere, and a story may not be kept.
pub fn media<'a>(attachments: impl IntoIterator<Item = (&'a Attachment, Option<&'a str>)>) -> Vec<ToldMedia> {
    let numbered = (0..).zip(attachments).filter(|(_, (attachment, _))| FILES.contains(&attachment.kind.as_str()));
    numbered.filter_map(|(position, (_, url))| Some(ToldMedia { position, url: MediaUrl::parse(url?)? })).collect()
}

/// Stands for what Meta does not give to apps.
pub fn unsupported() -> Attachment {
    Attachment { kind: "unsupported".to_owned(), name: None, mime_type: None, size: None }
}

/// A message's text as it is stored; none for an empty one.
pub fn text(text: &str) -> Option<String> {
    bounded(text, TEXT_MAX_CHARACTERS)
}

/// A name or title as it is stored; none for an empty one.
pub fn label(text: &str) -> Option<String> {
    bounded(text.trim(), LABEL_MAX_CHARACTERS)
}

fn bounded(text: &str, characters: usize) -> Option<String> {
    let kept: String = text.chars().take(characters).collect();
    (!kept.is_empty()).then_some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_by_characters() {
        assert_eq!(text(""), None);
        assert_eq!(text(&"é".repeat(TEXT_MAX_CHARACTERS + 1)).unwrap().chars().count(), TEXT_MAX_CHARACTERS);
    }

    #[test]
    fn a_label_is_trimmed() {
        assert_eq!(label("  menu.pdf "), Some("menu.pdf".to_owned()));
        assert_eq!(label("   "), None);
    }
}
