//! What a Page notes about its customers beside their messages: labels, and who was blocked, banned or moved to spam.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// Number of a label, within its Page.
pub(crate) type LabelNumber = u32;

#[derive(Debug, Default)]
pub(crate) struct CustomerRecords {
    labels: BTreeMap<LabelNumber, String>,
    /// Numbers of deleted labels are not given again.
    last_label: LabelNumber,
    /// A label belongs to the customer, not to the thread.
    labelled: BTreeSet<(LabelNumber, u32)>,
    blocked: BTreeSet<u32>,
    banned: BTreeSet<u32>,
    spam: BTreeSet<u32>,
    /// Names and pictures of the Page's personas.
    personas: BTreeMap<u32, (String, String)>,
    last_persona: u32,
    /// Apps that have a conversation in place of this one.
    controlled: BTreeMap<u32, String>,
}

/// A change; customers stand by the number of their conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub(crate) enum RecordChange {
    LabelMade {
        label: LabelNumber,
        name: String,
    },
    LabelDeleted {
        label: LabelNumber,
    },
    Labelled {
        label: LabelNumber,
        customer: u32,
        on: bool,
    },
    Moderated {
        customer: u32,
        action: ModerationAction,
    },
    PersonaMade {
        persona: u32,
        name: String,
        picture: String,
    },
    PersonaDeleted {
        persona: u32,
    },
    /// Another app has the conversation, or none but this one again.
    ThreadControlled {
        customer: u32,
        by: Option<String>,
    },
}

/// Of `moderate_conversations`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ModerationAction {
    BlockUser,
    UnblockUser,
    BanUser,
    UnbanUser,
    MoveToSpam,
}

impl CustomerRecords {
    pub(crate) fn apply(&mut self, change: RecordChange) {
        match change {
            RecordChange::LabelMade { label, name } => {
                self.last_label = self.last_label.max(label);
                self.labels.insert(label, name);
            }
            RecordChange::LabelDeleted { label } => {
                self.labels.remove(&label);
                self.labelled.retain(|(of, _)| *of != label);
            }
            RecordChange::Labelled { label, customer, on: true } => {
                self.labelled.insert((label, customer));
            }
            RecordChange::Labelled { label, customer, on: false } => {
                self.labelled.remove(&(label, customer));
            }
            RecordChange::Moderated { customer, action } => self.moderate(customer, action),
            RecordChange::PersonaMade { persona, name, picture } => {
                self.last_persona = self.last_persona.max(persona);
                self.personas.insert(persona, (name, picture));
            }
            RecordChange::PersonaDeleted { persona } => {
                self.personas.remove(&persona);
            }
            RecordChange::ThreadControlled { customer, by: Some(app) } => {
                self.controlled.insert(customer, app);
            }
            RecordChange::ThreadControlled { customer, by: None } => {
                self.controlled.remove(&customer);
            }
        }
    }

    fn moderate(&mut self, customer: u32, action: ModerationAction) {
        match action {
            ModerationAction::BlockUser => self.blocked.insert(customer),
            ModerationAction::UnblockUser => self.blocked.remove(&customer),
            ModerationAction::BanUser => self.banned.insert(customer),
            ModerationAction::UnbanUser => self.banned.remove(&customer),
            ModerationAction::MoveToSpam => self.spam.insert(customer),
        };
    }

    /// The number that the next label gets.
    pub(crate) fn next_label(&self) -> LabelNumber {
        self.last_label + 1
    }

    pub(crate) fn label(&self, label: LabelNumber) -> Option<&str> {
        self.labels.get(&label).map(String::as_str)
    }

    pub(crate) fn labels(&self) -> impl Iterator<Item = (LabelNumber, &str)> {
        self.labels.iter().map(|(label, name)| (*label, name.as_str()))
    }

    pub(crate) fn labels_of(&self, customer: u32) -> impl Iterator<Item = (LabelNumber, &str)> {
        self.labels().filter(move |(label, _)| self.labelled.contains(&(*label, customer)))
    }

    pub(crate) fn blocked(&self) -> impl Iterator<Item = u32> {
        self.blocked.iter().copied()
    }

    pub(crate) fn is_blocked(&self, customer: u32) -> bool {
        self.blocked.contains(&customer)
    }

    pub(crate) fn is_spam(&self, customer: u32) -> bool {
        self.spam.contains(&customer)
    }

    pub(crate) fn next_persona(&self) -> u32 {
        self.last_persona + 1
    }

    /// Name and address of the picture.
    pub(crate) fn persona(&self, persona: u32) -> Option<(&str, &str)> {
        self.personas.get(&persona).map(|(name, picture)| (name.as_str(), picture.as_str()))
    }

    pub(crate) fn personas(&self) -> impl Iterator<Item = u32> {
        self.personas.keys().copied()
    }

    pub(crate) fn is_thread_ours(&self, customer: u32) -> bool {
        !self.controlled.contains_key(&customer)
    }

    /// The app that has the conversation, where it is not this one.
    pub(crate) fn thread_controller(&self, customer: u32) -> Option<&str> {
        self.controlled.get(&customer).map(String::as_str)
    }

    /// All of it, for the journal.
    pub(crate) fn changes(&self) -> Vec<RecordChange> {
        let made = self.labels().map(|(label, name)| RecordChange::LabelMade { label, name: name.to_owned() });
        let labelled = self.labelled.iter().map(|(label, customer)| RecordChange::Labelled {
            label: *label,
            customer: *customer,
            on: true,
        });
        let moderated = [
            (&self.blocked, ModerationAction::BlockUser),
            (&self.banned, ModerationAction::BanUser),
            (&self.spam, ModerationAction::MoveToSpam),
        ];
        let moderated = moderated.into_iter().flat_map(|(customers, action)| {
            customers.iter().map(move |customer| RecordChange::Moderated { customer: *customer, action })
        });
        let controlled = self
            .controlled
            .iter()
            .map(|(customer, app)| RecordChange::ThreadControlled { customer: *customer, by: Some(app.clone()) });
        let personas = self.personas.iter().map(|(persona, (name, picture))| RecordChange::PersonaMade {
            persona: *persona,
            name: name.clone(),
            picture: picture.clone(),
        });
        made.chain(personas).chain(labelled).chain(moderated).chain(controlled).collect()
    }
}
