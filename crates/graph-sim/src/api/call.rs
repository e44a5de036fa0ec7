//! What an endpoint knows of the call it answers: who asks, with which token, for what.

use std::sync::Arc;

use super::error::GraphError;
use super::fields::{self, Field};
use super::request::GraphRequest;
use crate::oauth::tokens::{Token, TokenKind};
use crate::simulator::Simulator;
use crate::world::config::Task;
use crate::world::ids::{PageIndex, PersonIndex};
use crate::world::surface::Surface;
use crate::world::{Page, Person, Role};

pub(crate) struct Call<'a> {
    pub(crate) sim: &'a Simulator,
    pub(crate) request: &'a GraphRequest,
    pub(crate) credential: Credential,
    pub(crate) version: &'static str,
    /// Fewer elements than were asked for, on demand.
    pub(crate) list_fault: Option<ListFault>,
}

/// Graph may answer fewer elements than `limit`, even none, and still go on: only the absence of `next` ends a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ListFault {
    Empty,
    Short,
}

/// Whose token the call carries.
#[derive(Debug, Clone)]
pub(crate) enum Credential {
    /// Calls that take no token of their own (`/oauth/access_token`, pictures).
    Nobody,
    App,
    User(Arc<Token>),
    Page(Arc<Token>, PageIndex),
}

/// What an endpoint answers.
pub(crate) type Answered = Result<(), GraphError>;

impl Credential {
    pub(crate) fn of(token: Arc<Token>) -> Self {
        match token.kind {
            TokenKind::User | TokenKind::SystemUser(_) => Self::User(token),
            TokenKind::Page(page) => Self::Page(token, page),
        }
    }

    pub(crate) fn person(&self) -> Option<PersonIndex> {
        match self {
            Self::Nobody | Self::App => None,
            Self::User(token) | Self::Page(token, _) => Some(token.person),
        }
    }
}

impl<'a> Call<'a> {
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.request.params.given(name)
    }

    /// The fields asked for, or the node's default ones.
    pub(crate) fn fields(&self, default: &[&str]) -> Result<Vec<Field>, GraphError> {
        match self.param("fields") {
            // A JSON array does too.
            Some(text) => match serde_json::from_str::<Vec<String>>(text) {
                Ok(list) => fields::parse(&list.join(",")),
                Err(_no_array) => fields::parse(text),
            },
            None => Ok(default.iter().map(|name| Field::named(name)).collect()),
        }
    }

    /// `published` of what is posted: yes, unless it says no.
    pub(crate) fn is_published(&self) -> bool {
        self.param("published").is_none_or(|published| published != "false")
    }

    pub(crate) fn access_token(&self) -> &str {
        self.request.access_token().unwrap_or_default()
    }

    pub(crate) fn user_person(&self) -> Result<&'a Person, GraphError> {
        match &self.credential {
            Credential::User(token) => self.sim.world.person(token.person).ok_or_else(GraphError::user_token_needed),
            _ => Err(GraphError::user_token_needed()),
        }
    }

    pub(crate) fn allows(&self, permission: &str) -> bool {
        match self.credential.person() {
            Some(person) => self.sim.grants.allows(person, permission),
            None => false,
        }
    }

    /// The Page's own token is needed, and each of the permissions.
    pub(crate) fn require_page_token(&self, page: &Page, permissions: &[&str]) -> Result<(), GraphError> {
        match &self.credential {
            Credential::Page(_, own) if *own == page.index.owner() => {}
            Credential::Page(..) => return Err(GraphError::unsupported(self.request.method.lower(), &page.id)),
            _ => return Err(GraphError::page_token_needed()),
        }
        match permissions.iter().find(|permission| !self.allows(permission)) {
            Some(missing) => Err(GraphError::permission_missing(missing)),
            None => Ok(()),
        }
    }

    /// The person behind the token has one of the tasks on the Page.
    pub(crate) fn require_task(&self, page: &Page, tasks: &[Task]) -> Result<(), GraphError> {
        let role = self.role(page);
        if role.is_some_and(|role| tasks.iter().any(|task| role.tasks.contains(task))) {
            Ok(())
        } else {
            Err(GraphError::task_missing())
        }
    }

    pub(crate) fn role(&self, page: &Page) -> Option<Role> {
        self.sim.world.role(self.credential.person()?, page.index)
    }

    /// Reading conversations: the guide's permissions, and the task MESSAGING or MODERATE.
    pub(crate) fn require_conversations(&self, page: &Page) -> Result<(), GraphError> {
        let permissions: &[_] = match page.surface() {
            Surface::Messenger => &["pages_messaging", "pages_manage_metadata", "pages_read_engagement"],
            Surface::Instagram => &["instagram_basic", "instagram_manage_messages", "pages_manage_metadata"],
        };
        self.require_page_token(page, permissions)?;
        self.require_task(page, &[Task::Messaging, Task::Moderate])
    }
}
