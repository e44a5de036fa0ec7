//! Comments under Instagram's media, and mentions ("Webhook examples" of the Instagram Platform).

use serde_json::{Map, Value, json};

use super::event::{Event, change_entry};
use crate::json::JsonWriter;
use crate::simulator::Simulator;
use crate::world::Page;
use crate::world::ids::Ids;
use crate::world::instagram::{InstagramChange, MediaNumber};

/// What somebody writes under a medium.
pub(crate) struct InstagramComment<'a> {
    pub(crate) customer: u32,
    pub(crate) text: &'a str,
    /// Id of the comment that it answers.
    pub(crate) parent: Option<&'a str>,
    /// It names the account, under somebody else's medium.
    pub(crate) is_mention: bool,
}

impl Simulator {
    /// `account` is the inbox of the account, `page` its Page. Answers the comment's id.
    pub(crate) fn comment_on_instagram(
        &self,
        page: &Page,
        account: &Page,
        media: MediaNumber,
        comment: &InstagramComment<'_>,
    ) -> String {
        let number = page.instagram.read().next_comment();
        let change = InstagramChange::Commented { media };
        let Ok(_) = self.change_instagram(page, change, |_| Ok::<_, std::convert::Infallible>(()));
        let id = Ids::instagram_comment(page.index, number);
        let media_id = Ids::media(page.index, media);
        if comment.is_mention {
            self.tell_instagram(account, "mentions", &json!({ "media_id": media_id, "comment_id": id }));
            return id;
        }
        let psid = self.world.ids.psid(account.conversation(comment.customer));
        let username = account.inbox.read().customer_name(comment.customer).username(&psid);
        let product = page.instagram.read().media(media).map_or("FEED", |media| media.kind.product_type());
        let mut value = Map::new();
        // One of Meta's samples names it otherwise.
        let id_name = if self.varies().comment_id { "comment_id" } else { "id" };
        value.insert(id_name.to_owned(), json!(id));
        value.insert("from".to_owned(), json!({ "id": psid, "username": username }));
        value.insert("text".to_owned(), json!(comment.text));
        value.insert("media".to_owned(), json!({ "id": media_id, "media_product_type": product }));
        if let Some(parent) = comment.parent {
            value.insert("parent_id".to_owned(), json!(parent));
        }
        self.tell_instagram(account, "comments", &Value::Object(value));
        id
    }

    fn tell_instagram(&self, account: &Page, field: &'static str, value: &Value) {
        if !self.is_live() || !self.webhooks.is_subscribed(account.index, field) {
            return;
        }
        let (style, now_ms) = (self.webhooks.style, self.clock.now_ms());
        let entry = if self.varies().flat_changes {
            let mut writer = JsonWriter::new(style);
            let time = now_ms.div_euclid(1_000);
            writer.value(&json!({ "id": account.id, "time": time, "field": field, "value": value }));
            writer.into_bytes()
        } else {
            change_entry(style, &account.id, now_ms, &json!({ "field": field, "value": value }))
        };
        self.webhooks.send(Event { page: account.index, field: field.into(), mid: None, entry });
    }
}
