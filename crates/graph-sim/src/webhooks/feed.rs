//! What happens on a Page's wall, and the webhooks `feed` that tell of it ("Page" reference of Webhooks).

use serde_json::{Value, json};

use super::event::{Event, change_entry};
use crate::api::posts::{comment_id, post_id};
use crate::clock::graph_time;
use crate::simulator::Simulator;
use crate::world::Page;
use crate::world::posts::{Comment, CommentNumber, PostChange, PostNumber, WrittenPost};

const FIELD: &str = "feed";

impl Simulator {
    /// The Page posts.
    pub(crate) fn write_post(&self, page: &Page, post: &WrittenPost) -> PostNumber {
        let (number, _) = self.change_posts(page, PostChange::Written { post: post.clone() });
        if post.is_published {
            self.tell_feed(
                page,
                &json!({
                    "from": { "id": page.id, "name": page.name() },
                    "item": "status",
                    "post_id": post_id(page, number),
                    "verb": "add",
                    "published": 1,
                    "created_time": post.at_ms.div_euclid(1_000),
                    "message": post.message,
                }),
            );
        }
        number
    }

    /// A customer comments.
    pub(crate) fn customer_comments(&self, page: &Page, comment: &Comment) -> CommentNumber {
        let (_, number) = self.change_posts(page, PostChange::Commented { comment: comment.clone() });
        let post = post_id(page, comment.post);
        let at = page.posts.read().post(comment.post).map_or(comment.at_ms, |post| post.at_ms);
        self.tell_feed(
            page,
            &json!({
                "from": {
                    "id": self.world.ids.psid(page.conversation(comment.customer)),
                    "name": page.inbox.read().customer_name(comment.customer).full(),
                },
                "post": {
                    "status_type": "mobile_status_update",
                    "is_published": true,
                    "updated_time": graph_time(at),
                    "promotion_status": "inactive",
                    "id": post,
                },
                "message": comment.message,
                "post_id": post,
                "comment_id": comment_id(page, comment.post, number),
                "created_time": comment.at_ms.div_euclid(1_000),
                "item": "comment",
                "parent_id": post,
                "verb": "add",
            }),
        );
        number
    }

    fn tell_feed(&self, page: &Page, value: &Value) {
        if !self.webhooks.is_subscribed(page.index, FIELD) {
            return;
        }
        let change = json!({ "field": FIELD, "value": value });
        let entry = change_entry(self.webhooks.style, &page.id, self.clock.now_ms(), &change);
        self.webhooks.send(Event { page: page.index, field: FIELD.into(), mid: None, entry });
    }
}
