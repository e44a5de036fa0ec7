//! What people do to a message after it was sent.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct MessageChange {
    /// Its sender writes it anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<String>,
    /// Its sender takes it back, for good.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) deleted: bool,
    /// The other side reacts; an empty one takes the reaction back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reaction: Option<String>,
    /// How often it was written anew.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) edits: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl MessageChange {
    /// This one, and `later` where that says something.
    pub(crate) fn then(self, later: Self) -> Self {
        Self {
            edits: self.edits + u32::from(later.text.is_some()).max(later.edits),
            text: later.text.or(self.text),
            deleted: self.deleted || later.deleted,
            reaction: later.reaction.or(self.reaction).filter(|reaction| !reaction.is_empty()),
        }
    }
}
