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

    /// A customer or the Page comments.
    pub(crate) fn write_comment(&self, page: &Page, comment: &Comment) -> CommentNumber {
        let (_, number) = self.change_posts(page, PostChange::Commented { comment: comment.clone() });
        self.tell_comment(page, number, comment, "add");
        number
    }

    pub(crate) fn hide_comment(&self, page: &Page, number: CommentNumber, comment: &Comment, hidden: bool) {
        self.change_posts(page, PostChange::Hidden { comment: number, hidden });
        self.tell_comment(page, number, comment, if hidden { "hide" } else { "unhide" });
    }

    pub(crate) fn remove_comment(&self, page: &Page, number: CommentNumber, comment: &Comment) {
        self.change_posts(page, PostChange::CommentRemoved { comment: number });
        self.tell_comment(page, number, comment, "remove");
    }

    fn tell_comment(&self, page: &Page, number: CommentNumber, comment: &Comment, verb: &str) {
        let post = post_id(page, comment.post);
        let at = page.posts.read().post(comment.post).map_or(comment.at_ms, |post| post.at_ms);
        let (author_id, author_name) = self.comment_author(page, comment);
        let parent = comment.parent.map_or_else(|| post.clone(), |parent| comment_id(page, comment.post, parent));
        let mut value = json!({
            "from": { "id": author_id, "name": author_name },
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
            "parent_id": parent,
            "verb": verb,
        });
        // What was removed is told by its ids alone.
        if let (Some(value), "remove") = (value.as_object_mut(), verb) {
            value.remove("message");
            value.insert("from".to_owned(), json!({ "id": author_id }));
        }
        self.tell_feed(page, &value);
    }

    /// Id and name.
    pub(crate) fn comment_author(&self, page: &Page, comment: &Comment) -> (String, String) {
        match comment.customer {
            None => (page.id.clone(), page.name()),
            Some(customer) => {
                let psid = self.world.ids.psid(page.conversation(customer));
                (psid, page.inbox.read().customer_name(customer).full())
            }
        }
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
