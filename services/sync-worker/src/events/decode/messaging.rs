//! What happens between a Page and a customer.

use chrono::{DateTime, TimeDelta, Utc};
use pagekeeper_common::domain::ids::{Mid, Psid};
use pagekeeper_common::webhooks::{
    self, MessagingContent, MessagingEvent, OptIn, Referral, ReplyTo, StoryReference, ThreadControl,
};
use pagekeeper_store::events::{ConversationEvent, Emotion, Observation};
use pagekeeper_store::messages::Attachment;
use serde_json::{Value, json};

use super::DecodedEntry;
use crate::message::{self, ATTACHMENTS_MAX, Message};

/// The longest JSON of an event that is kept as it came.
const CONTENT_MAX_BYTES: usize = 16_384;

/// How far a watermark may be ahead of its event.
const AHEAD_MAX: TimeDelta = TimeDelta::days(1);

/// Of whom, by whom and when: what an event has beside its content.
struct Context {
    /// None where the event is about the Page itself.
    customer: Option<Psid>,
    from_page: bool,
    at: DateTime<Utc>,
}

impl DecodedEntry {
    /// Whether another app has the conversation makes no difference: its thread is to be whole here, too.
    pub(super) fn messaging(&mut self, event: MessagingEvent) {
        let context = Context { customer: event.customer, from_page: event.from_page, at: event.at };
        match (&context.customer, event.content) {
            (_, content) if content_of_page(&content) => self.page_event(&context, content),
            (Some(customer), content) => {
                let customer = customer.clone();
                self.customer_event(&context, customer, content);
            }
            (None, _) => self.not_understood = true,
        }
    }

    fn customer_event(&mut self, context: &Context, psid: Psid, content: MessagingContent) {
        let (at, from_page) = (context.at, context.from_page);
        match content {
            MessagingContent::Message(wire) => self.message(context, psid, wire),
            MessagingContent::Deleted { mid } => self.events.push(Observation::Deleted { mid, at }),
            MessagingContent::Edited { mid, text, times } => match text.as_deref().and_then(message::text) {
                Some(text) => {
                    let edits = times.and_then(|times| i32::try_from(times).ok()).map_or(1, i32::unsigned_abs);
                    self.events.push(Observation::Edited { mid, text, edits, at });
                }
                None => self.not_understood = true,
            },
            MessagingContent::Reaction { mid, emotion } => {
                let label = |text: Option<String>| text.as_deref().and_then(message::label);
                let emotion = emotion.map(|told| Emotion { name: label(told.name), emoji: label(told.emoji) });
                self.events.push(Observation::Reacted { mid, from_page, emotion, at });
            }
            MessagingContent::Postback { mid, title, payload, referral } => {
                self.postback(context, &psid, mid, title.as_deref(), payload.as_deref());
                self.referral(context, referral.as_ref());
            }
            MessagingContent::Referral(referral) => self.referral(context, Some(&referral)),
            // What the Page itself received or read says nothing of the customer.
            MessagingContent::Delivered { .. } | MessagingContent::Read { .. } if from_page => {
                self.not_understood = true;
            }
            MessagingContent::Delivered { up_to, .. } => {
                self.events.push(Observation::Delivered { psid, up_to: watermark(up_to, at) });
            }
            // Instagram names the message that was read last, at the time of the event.
            MessagingContent::Read { up_to, .. } => {
                self.events.push(Observation::Seen { psid, up_to: watermark(up_to, at) });
            }
            MessagingContent::OptIn(OptIn { kind, reference, status }) => {
                let detail = json!({ "type": kind, "ref": bounded(reference.as_deref()), "status": status });
                self.happened(context, "opt_in", detail);
            }
            MessagingContent::AccountLinking { linked } => {
                self.happened(context, "account_linking", json!({ "linked": linked }));
            }
            MessagingContent::ThreadControl(control) => self.thread_control(context, psid, &control),
            MessagingContent::Feedback { mid, feedback } => {
                self.happened(context, "feedback", json!({ "mid": mid, "feedback": bounded(feedback.as_deref()) }));
            }
            MessagingContent::PolicyEnforcement { .. }
            | MessagingContent::AppRoles { .. }
            | MessagingContent::Other { .. } => self.page_event(context, content),
        }
    }

    fn page_event(&mut self, context: &Context, content: MessagingContent) {
        match content {
            MessagingContent::PolicyEnforcement { action, reason } => {
                let detail = json!({ "action": bounded(Some(&action)), "reason": bounded(reason.as_deref()) });
                self.happened(context, "policy_enforcement", detail);
            }
            MessagingContent::AppRoles { roles } => self.as_it_came(context, "app_roles", roles),
            MessagingContent::Other { kind, content } => self.as_it_came(context, kind, content),
            _ => self.not_understood = true,
        }
    }

    fn message(&mut self, context: &Context, psid: Psid, wire: webhooks::Message) {
        self.referral(context, wire.referral.as_ref());
        let mut reply_to_mid = None;
        match wire.reply_to {
            Some(ReplyTo::Message(mid)) => reply_to_mid = Some(mid),
            // Its address dies with the story, and may not be kept.
            Some(ReplyTo::Story(StoryReference { id, .. })) => {
                let detail = json!({ "mid": wire.mid, "story_id": bounded(id.as_deref()) });
                self.happened(context, "story_reply", detail);
            }
            None => {}
        }
        if wire.attachments.iter().any(|attachment| attachment.kind == "story_mention") {
            self.happened(context, "story_mention", json!({ "mid": wire.mid }));
        }
        let told = wire.attachments.iter().take(ATTACHMENTS_MAX);
        let (mut attachments, urls): (Vec<_>, Vec<_>) =
            told.filter_map(|wire| Some((attachment(wire)?, wire.url.as_deref()))).unzip();
        let media = message::media(attachments.iter().zip(urls));
        let text = wire.text.as_deref().and_then(message::text);
        if wire.is_unsupported && text.is_none() && attachments.is_empty() {
            attachments.push(message::unsupported());
        }
        self.not_understood |= text.is_none() && attachments.is_empty() && wire.referral.is_none();
        self.messages.push(Message {
            psid,
            mid: wire.mid,
            from_page: context.from_page,
            sent_at: context.at,
            text,
            attachments,
            media,
            app_id: wire.app_id.as_deref().and_then(message::label),
            reply_to_mid,
        });
    }

    /// Meta's own inbox shows a pressed button as a message of the customer's.
    fn postback(
        &mut self,
        context: &Context,
        psid: &Psid,
        mid: Option<Mid>,
        title: Option<&str>,
        payload: Option<&str>,
    ) {
        let detail = json!({ "mid": mid, "title": bounded(title), "payload": bounded(payload) });
        self.happened(context, "postback", detail);
        if let (Some(mid), Some(text)) = (mid, title.and_then(message::text)) {
            self.messages.push(Message {
                psid: psid.clone(),
                mid,
                from_page: context.from_page,
                sent_at: context.at,
                text: Some(text),
                attachments: Vec::new(),
                media: Vec::new(),
                app_id: None,
                reply_to_mid: None,
            });
        }
    }

    fn referral(&mut self, context: &Context, referral: Option<&Referral>) {
        let Some(referral) = referral else { return };
        let detail = json!({
            "ref": bounded(referral.reference.as_deref()),
            "source": bounded(referral.source.as_deref()),
            "ad_id": bounded(referral.ad_id.as_deref()),
            "ad_title": bounded(referral.ad_title.as_deref()),
        });
        self.happened(context, "referral", detail);
    }

    fn thread_control(&mut self, context: &Context, psid: Psid, control: &ThreadControl) {
        let (action, app_id, previous, metadata) = match control {
            ThreadControl::Passed { to, from, metadata } => ("passed", to, from.as_deref(), metadata),
            ThreadControl::Taken { by, from, metadata } => ("taken", by, from.as_deref(), metadata),
            ThreadControl::Requested { by, metadata } => ("requested", by, None, metadata),
        };
        let app_id = app_id.as_deref().and_then(message::label);
        let detail = json!({
            "action": action,
            "app_id": app_id,
            "previous_app_id": previous.and_then(message::label),
            "metadata": bounded(metadata.as_deref()),
        });
        self.happened(context, "thread_control", detail);
        if !matches!(control, ThreadControl::Requested { .. }) {
            self.events.push(Observation::Handled { psid, app_id, at: context.at });
        }
    }

    fn as_it_came(&mut self, context: &Context, kind: &'static str, content: Value) {
        if content.to_string().len() > CONTENT_MAX_BYTES {
            self.not_understood = true;
            return;
        }
        let detail = if content.is_object() { content } else { json!({ "value": content }) };
        self.happened(context, kind, detail);
    }

    /// What has no value is left out of the detail.
    fn happened(&mut self, context: &Context, kind: &'static str, mut detail: Value) {
        if let Some(members) = detail.as_object_mut() {
            members.retain(|_, value| !value.is_null());
        }
        let event = ConversationEvent { psid: context.customer.clone(), kind, at: context.at, detail };
        self.events.push(Observation::Happened(event));
    }
}

fn content_of_page(content: &MessagingContent) -> bool {
    matches!(content, MessagingContent::PolicyEnforcement { .. } | MessagingContent::AppRoles { .. })
        || matches!(content, MessagingContent::Other { .. })
}

/// An absurd one would hide for ever what comes after it.
fn watermark(told: Option<DateTime<Utc>>, at: DateTime<Utc>) -> DateTime<Utc> {
    told.filter(|told| *told <= at + AHEAD_MAX).unwrap_or(at)
}

fn bounded(text: Option<&str>) -> Option<String> {
    text.and_then(message::text)
}

fn attachment(wire: &webhooks::Attachment) -> Option<Attachment> {
    let file_name = wire.url.as_deref().filter(|_| wire.kind == "file").and_then(file_name);
    let title = wire.title.as_deref().and_then(message::label);
    Some(Attachment { kind: message::label(&wire.kind)?, name: title.or(file_name), mime_type: None, size: None })
}

/// The last part of a URL's path, without what follows it: webhooks name a file nowhere else.
fn file_name(url: &str) -> Option<String> {
    let path = url.split(['?', '#']).next()?;
    let (scheme_and_host, name) = path.rsplit_once('/')?;
    if scheme_and_host.ends_with('/') {
        return None;
    }
    message::label(name)
}
