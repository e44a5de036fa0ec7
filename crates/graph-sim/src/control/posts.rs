//! Posts, and comments by hand: a customer writes under one of them.

use actix_web::web::{Data, Json, Path};
use serde::Deserialize;
use serde_json::json;

use super::error::{ControlError, Controlled, ok};
use super::{customers, pages};
use crate::api::posts::{comment_id, post_id};
use crate::simulator::Simulator;
use crate::world::Page;
use crate::world::posts::{Comment, CommentNumber, PostNumber};

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
    /// Id of the comment that it answers.
    answers: Option<String>,
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
    let parent = body.answers.as_deref().map(|id| parent(&sim, page, post, id)).transpose()?;
    let (customer_id, at_ms) = (Some(customer), sim.clock.now_ms());
    let comment = Comment { post, parent, customer: customer_id, at_ms, message: body.text.clone() };
    let number = sim.write_comment(page, &comment);
    ok(&json!({
        "comment_id": comment_id(page, post, number),
        "psid": sim.world.ids.psid(page.conversation(customer)),
    }))
}

fn parent(sim: &Simulator, page: &Page, post: PostNumber, id: &str) -> Result<CommentNumber, ControlError> {
    let found = sim.world.comment_by_id(id).filter(|(owner, _)| owner.index == page.index).map(|(_, number)| number);
    let of_post =
        |number: &CommentNumber| page.posts.read().comment(*number).is_some_and(|comment| comment.post == post);
    found.filter(of_post).ok_or(ControlError::NotFound("the post has no such comment"))
}
