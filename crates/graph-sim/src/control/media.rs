//! Comments on Instagram by hand.

use actix_web::web::{Data, Json, Path};
use serde::Deserialize;
use serde_json::json;

use super::customers;
use super::error::{ControlError, Controlled, ok};
use crate::simulator::Simulator;
use crate::webhooks::instagram::InstagramComment;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CommentBody {
    /// IGSID.
    psid: Option<String>,
    /// Somebody new.
    customer_name: Option<String>,
    text: String,
    /// Id of the comment that it answers.
    answers: Option<String>,
    /// The account is mentioned; else it is a comment on its own medium.
    #[serde(default)]
    mention: bool,
}

pub(super) async fn comment(path: Path<String>, body: Json<CommentBody>, sim: Data<Simulator>) -> Controlled {
    let medium = sim
        .world
        .media_by_id(&path)
        .and_then(|(page, media)| sim.world.instagram_inbox(page).map(|account| (page, account, media)));
    let (page, account, media) = medium.ok_or(ControlError::NotFound("there is no such medium"))?;
    let customer = match (&body.psid, &body.customer_name) {
        (Some(psid), None) => customers::found(&sim, account, psid)?,
        (None, Some(name)) => sim.add_customer(account, name.clone()),
        _ => return Err(ControlError::Invalid("name psid or customer_name".to_owned())),
    };
    let comment =
        InstagramComment { customer, text: &body.text, parent: body.answers.as_deref(), is_mention: body.mention };
    let id = sim.comment_on_instagram(page, account, media, &comment);
    ok(&json!({ "comment_id": id, "psid": sim.world.ids.psid(account.conversation(customer)) }))
}
