//! Elements of `messaging` and `standby` (Messenger Platform, "Webhook events reference").

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

use super::message::{Message, Referral, WireMessage, WireReferral};
use super::time::Arrival;
use crate::domain::ids::{Mid, Psid};
use crate::lenient;

/// Something between a Page or an Instagram account and one person.
#[derive(Debug, Clone, PartialEq)]
pub struct MessagingEvent {
    /// The person, as this Page (PSID) or account (IGSID) knows them; none where the event is about the Page itself.
    pub customer: Option<Psid>,
    /// Whether the Page did it: an echo.
    pub from_page: bool,
    pub at: DateTime<Utc>,
    /// Another app has this conversation.
    pub standby: bool,
    pub content: MessagingContent,
}

#[derive(Debug, Clone, PartialEq)]
pub enum MessagingContent {
    Message(Message),
    /// Its sender took it back.
    Deleted {
        mid: Mid,
    },
    Edited {
        mid: Mid,
        text: Option<String>,
        times: Option<u64>,
    },
    /// Without an emotion it was taken back.
    Reaction {
        mid: Mid,
        emotion: Option<Emotion>,
    },
    /// A button was pressed.
    Postback {
        mid: Option<Mid>,
        title: Option<String>,
        payload: Option<String>,
        referral: Option<Referral>,
    },
    Referral(Referral),
    /// All messages of the Page up to a time have arrived; `mids` only names some.
    Delivered {
        mids: Vec<String>,
        up_to: Option<DateTime<Utc>>,
    },
    /// The person has read all up to a time (Messenger) or up to a message (Instagram).
    Read {
        up_to: Option<DateTime<Utc>>,
        mid: Option<Mid>,
    },
    OptIn(OptIn),
    AccountLinking {
        linked: bool,
    },
    /// Of the Page: `warning`, `block`, `unblock`.
    PolicyEnforcement {
        action: String,
        reason: Option<String>,
    },
    ThreadControl(ThreadControl),
    /// Of the Page: which app is its first receiver.
    AppRoles {
        roles: Value,
    },
    /// Said of an automatic answer.
    Feedback {
        mid: Option<Mid>,
        feedback: Option<String>,
    },
    /// Documented, and nothing that Pagekeeper does anything with: orders, payments, games.
    Other {
        kind: &'static str,
        content: Value,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emotion {
    /// `love`, `smile`, `angry`, …; `other` for most emoji.
    pub name: Option<String>,
    pub emoji: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptIn {
    /// `notification_messages`, or none for a plugin's.
    pub kind: Option<String>,
    /// What the app gave to the button or the plugin.
    pub reference: Option<String>,
    /// `STOP NOTIFICATIONS`, `RESUME NOTIFICATIONS`.
    pub status: Option<String>,
}

/// Which app may answer. No previous owner means that nobody had the conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ThreadControl {
    Passed { to: Option<String>, from: Option<String>, metadata: Option<String> },
    Taken { by: Option<String>, from: Option<String>, metadata: Option<String> },
    Requested { by: Option<String>, metadata: Option<String> },
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WireMessaging {
    #[serde(deserialize_with = "lenient::object")]
    sender: Option<WireParty>,
    #[serde(deserialize_with = "lenient::object")]
    recipient: Option<WireParty>,
    #[serde(deserialize_with = "lenient::time")]
    timestamp: Option<DateTime<Utc>>,
    #[serde(deserialize_with = "lenient::object")]
    message: Option<WireMessage>,
    #[serde(deserialize_with = "lenient::object")]
    message_edit: Option<WireEdit>,
    #[serde(deserialize_with = "lenient::object")]
    reaction: Option<WireReaction>,
    #[serde(deserialize_with = "lenient::object")]
    postback: Option<WirePostback>,
    #[serde(deserialize_with = "lenient::object")]
    referral: Option<WireReferral>,
    #[serde(deserialize_with = "lenient::object")]
    delivery: Option<WireSeen>,
    #[serde(deserialize_with = "lenient::object")]
    read: Option<WireSeen>,
    #[serde(deserialize_with = "lenient::object")]
    optin: Option<WireOptIn>,
    #[serde(deserialize_with = "lenient::object")]
    account_linking: Option<WireLinking>,
    #[serde(alias = "policy-enforcement", deserialize_with = "lenient::object")]
    policy_enforcement: Option<WirePolicy>,
    #[serde(deserialize_with = "lenient::object")]
    pass_thread_control: Option<WireControl>,
    #[serde(deserialize_with = "lenient::object")]
    take_thread_control: Option<WireControl>,
    #[serde(deserialize_with = "lenient::object")]
    request_thread_control: Option<WireControl>,
    #[serde(deserialize_with = "lenient::object")]
    response_feedback: Option<WireFeedback>,
    app_roles: Option<Value>,
    order: Option<Value>,
    payment: Option<Value>,
    checkout_update: Option<Value>,
    pre_checkout: Option<Value>,
    game_play: Option<Value>,
    branded_camera: Option<Value>,
    messaging_customer_information: Option<Value>,
}

/// A plugin's visitor has a `user_ref` in place of an id.
#[derive(Deserialize, Default)]
#[serde(default)]
struct WireParty {
    #[serde(deserialize_with = "lenient::text")]
    id: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireEdit {
    #[serde(deserialize_with = "lenient::id")]
    mid: Option<Mid>,
    #[serde(deserialize_with = "lenient::text")]
    text: Option<String>,
    #[serde(deserialize_with = "lenient::number")]
    num_edit: Option<u64>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireReaction {
    #[serde(deserialize_with = "lenient::id")]
    mid: Option<Mid>,
    #[serde(deserialize_with = "lenient::text")]
    action: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    reaction: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    emoji: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WirePostback {
    #[serde(deserialize_with = "lenient::id")]
    mid: Option<Mid>,
    #[serde(deserialize_with = "lenient::text")]
    title: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    payload: Option<String>,
    #[serde(deserialize_with = "lenient::object")]
    referral: Option<WireReferral>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireSeen {
    #[serde(deserialize_with = "lenient::words")]
    mids: Vec<String>,
    #[serde(deserialize_with = "lenient::id")]
    mid: Option<Mid>,
    #[serde(deserialize_with = "lenient::time")]
    watermark: Option<DateTime<Utc>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireOptIn {
    #[serde(rename = "type", deserialize_with = "lenient::text")]
    kind: Option<String>,
    #[serde(rename = "ref", deserialize_with = "lenient::text")]
    reference: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    payload: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    notification_messages_status: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireLinking {
    #[serde(deserialize_with = "lenient::text")]
    status: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WirePolicy {
    #[serde(deserialize_with = "lenient::text")]
    action: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    reason: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireControl {
    #[serde(deserialize_with = "lenient::text")]
    new_owner_app_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    previous_owner_app_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    requested_owner_app_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    metadata: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireFeedback {
    #[serde(deserialize_with = "lenient::id")]
    mid: Option<Mid>,
    #[serde(deserialize_with = "lenient::text")]
    feedback: Option<String>,
}

/// None where it says nothing that has a name here, or does not say of whom.
pub(super) fn decode_messaging(
    owner: &str,
    wire: WireMessaging,
    arrival: Arrival,
    standby: bool,
) -> Option<MessagingEvent> {
    let at = arrival.of(wire.timestamp);
    let party = |party: &Option<WireParty>| party.as_ref().and_then(|party| party.id.clone());
    let (sender, recipient) = (party(&wire.sender), party(&wire.recipient));
    let is_echo = wire.message.as_ref().is_some_and(WireMessage::is_echo);
    let from_page = is_echo || sender.as_deref() == Some(owner);
    let parties = if from_page { [recipient, sender] } else { [sender, None] };
    let customer = parties.into_iter().flatten().find(|party| party != owner).and_then(|id| Psid::parse(id).ok());
    let content = wire.content()?;
    if customer.is_none() && !content.is_about_the_page() {
        return None;
    }
    Some(MessagingEvent { customer, from_page, at, standby, content })
}

impl MessagingContent {
    fn is_about_the_page(&self) -> bool {
        matches!(self, Self::PolicyEnforcement { .. } | Self::AppRoles { .. } | Self::Other { .. })
    }
}

impl WireMessaging {
    fn content(self) -> Option<MessagingContent> {
        if let Some(message) = self.message {
            return match message.deleted() {
                Some(mid) => Some(MessagingContent::Deleted { mid }),
                None => message.message().map(MessagingContent::Message),
            };
        }
        if let Some(edit) = self.message_edit {
            return Some(MessagingContent::Edited { mid: edit.mid?, text: edit.text, times: edit.num_edit });
        }
        if let Some(reaction) = self.reaction {
            return reaction.content();
        }
        if let Some(postback) = self.postback {
            return Some(postback.content());
        }
        if let Some(referral) = self.referral {
            return Some(MessagingContent::Referral(referral.into()));
        }
        if let Some(seen) = self.delivery {
            return Some(MessagingContent::Delivered { mids: seen.mids, up_to: seen.watermark });
        }
        if let Some(seen) = self.read {
            let says_something = seen.watermark.is_some() || seen.mid.is_some();
            return says_something.then_some(MessagingContent::Read { up_to: seen.watermark, mid: seen.mid });
        }
        self.rarer_content()
    }

    fn rarer_content(self) -> Option<MessagingContent> {
        if let Some(optin) = self.optin {
            let status = optin.notification_messages_status;
            let reference = optin.reference.or(optin.payload);
            return Some(MessagingContent::OptIn(OptIn { kind: optin.kind, reference, status }));
        }
        if let Some(linking) = self.account_linking {
            return Some(MessagingContent::AccountLinking { linked: linking.status? == "linked" });
        }
        if let Some(policy) = self.policy_enforcement {
            return Some(MessagingContent::PolicyEnforcement { action: policy.action?, reason: policy.reason });
        }
        if let Some(feedback) = self.response_feedback {
            return Some(MessagingContent::Feedback { mid: feedback.mid, feedback: feedback.feedback });
        }
        let control = if let Some(passed) = self.pass_thread_control {
            let (to, from) = (passed.new_owner_app_id, passed.previous_owner_app_id);
            Some(ThreadControl::Passed { to, from, metadata: passed.metadata })
        } else if let Some(taken) = self.take_thread_control {
            let (by, from) = (taken.new_owner_app_id, taken.previous_owner_app_id);
            Some(ThreadControl::Taken { by, from, metadata: taken.metadata })
        } else {
            self.request_thread_control
                .map(|asked| ThreadControl::Requested { by: asked.requested_owner_app_id, metadata: asked.metadata })
        };
        if let Some(control) = control {
            return Some(MessagingContent::ThreadControl(control));
        }
        if let Some(roles) = self.app_roles {
            return Some(MessagingContent::AppRoles { roles });
        }
        let others = [
            ("order", self.order),
            ("payment", self.payment),
            ("checkout_update", self.checkout_update),
            ("pre_checkout", self.pre_checkout),
            ("game_play", self.game_play),
            ("branded_camera", self.branded_camera),
            ("messaging_customer_information", self.messaging_customer_information),
        ];
        others.into_iter().find_map(|(kind, content)| Some(MessagingContent::Other { kind, content: content? }))
    }
}

impl WireReaction {
    fn content(self) -> Option<MessagingContent> {
        let emotion = match self.action?.as_str() {
            "react" => Some(Emotion { name: self.reaction, emoji: self.emoji }),
            "unreact" => None,
            _ => return None,
        };
        Some(MessagingContent::Reaction { mid: self.mid?, emotion })
    }
}

impl WirePostback {
    fn content(self) -> MessagingContent {
        let referral = self.referral.map(Referral::from);
        MessagingContent::Postback { mid: self.mid, title: self.title, payload: self.payload, referral }
    }
}
