//! Posts, and comments by hand: a customer writes under one of them.

use actix_web::web::{Data, Json, Path};
use serde::Deserialize;
use serde_json::json;

use super::error::{ControlError, Controlled, ok};
use super::{customers, pages};
use crate::api::posts::{comment_id, post_id};
use crate::simulator::Simulator;
use crate::world::posts::Comment;

/// The newest posts.
const LISTED: usize = 20;

pub(super) async fn list(path: Path<String>, sim: Data<Simulator>) -> Controlled {
    let page = pages::found(&sim, &path)?;
    let posts = page.posts.read();
    let newest = (1..=posts.count()).rev().filter_map(|number| posts.post(number)).take(LISTED);
    let shown = newest.map(|post| {
        json!({
            "id": post_id(page, post.number), "message": post.message, "at_ms": post.at_ms,
            "published": post.is_published, "comments": post.comments,
        })
    });
    ok(&shown.collect::<Vec<_>>())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CommentBody {
    psid: Option<String>,
    /// Somebody new.
    customer_name: Option<String>,
    text: String,
}

pub(super) async fn comment(path: Path<(String, String)>, body: Json<CommentBody>, sim: Data<Simulator>) -> Controlled {
    let page = pages::found(&sim, &path.0)?;
    let post = sim.world.post_by_id(&path.1).filter(|(owner, _)| owner.index == page.index);
    let (_, post) = post.ok_or(ControlError::NotFound("the Page has no such post"))?;
    if body.text.is_empty() {
        return Err(ControlError::Invalid("text is empty".to_owned()));
    }
    let customer = match (&body.psid, &body.customer_name) {
        (Some(psid), None) => customers::found(&sim, page, psid)?,
        (None, Some(name)) => sim.add_customer(page, name.clone()),
        _ => return Err(ControlError::Invalid("name psid or customer_name".to_owned())),
    };
    let comment = Comment { post, customer, at_ms: sim.clock.now_ms(), message: body.text.clone() };
    let number = sim.customer_comments(page, &comment);
    ok(&json!({
        "comment_id": comment_id(page, post, number),
        "psid": sim.world.ids.psid(page.conversation(customer)),
    }))
}
