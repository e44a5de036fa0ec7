//! What an id stands for, and reading it.

use super::call::{Answered, Call, Credential};
use super::error::GraphError;
use super::{
    app, comments, conversation, instagram, instagram_publishing, message, page, personas, picture, posts, profile,
    reels, user,
};
use crate::json::JsonWriter;
use crate::simulator::Simulator;
use crate::world::ids::{BusinessIndex, MessageKey, PageIndex};
use crate::world::instagram::{ContainerNumber, MediaNumber};
use crate::world::posts::{CommentNumber, PostNumber};
use crate::world::records::LabelNumber;
use crate::world::uploads::VideoNumber;
use crate::world::{Page, Person};

/// What an id stands for.
#[derive(Clone, Copy)]
pub(crate) enum Node<'a> {
    App,
    Person(&'a Person),
    Page(&'a Page),
    Business(BusinessIndex),
    Conversation(&'a Page, u32),
    Customer(&'a Page, u32),
    Message(&'a Page, MessageKey),
    Label(&'a Page, LabelNumber),
    Post(&'a Page, PostNumber),
    Comment(&'a Page, CommentNumber),
    /// The account that is linked to the Page.
    Instagram(&'a Page),
    Media(&'a Page, MediaNumber),
    Container(&'a Page, ContainerNumber),
    Persona(&'a Page, u32),
    /// A reel or a video of the Page.
    Video(&'a Page, VideoNumber),
}

impl<'a> Node<'a> {
    pub(super) fn find(sim: &'a Simulator, id: &str, credential: Option<&Credential>) -> Option<Self> {
        if id == "me" {
            return match credential? {
                Credential::User(token) => sim.world.person(token.person).map(Self::Person),
                Credential::Page(_, page) => sim.world.page(*page).map(Self::Page),
                Credential::Nobody | Credential::App => None,
            };
        }
        if id == "app" || id == sim.config.app.id {
            return Some(Self::App);
        }
        if id.starts_with("t_") {
            return sim.world.conversation_by_thread_id(id).map(|(page, index)| Self::Conversation(page, index));
        }
        if id.starts_with("m_") {
            let key = sim.world.ids.parse_message(id)?;
            return sim.world.page(key.conversation.page).map(|page| Self::Message(page, key));
        }
        if id.contains('_') {
            let post = sim.world.post_by_id(id).map(|(page, post)| Self::Post(page, post));
            return post.or_else(|| sim.world.comment_by_id(id).map(|(page, comment)| Self::Comment(page, comment)));
        }
        let page = sim.world.page_by_id(id).map(Self::Page);
        page.or_else(|| sim.world.customer_by_psid(id).map(|(page, index)| Self::Customer(page, index)))
            .or_else(|| sim.world.person_by_id(id).map(Self::Person))
            .or_else(|| sim.world.business_by_id(id).map(Self::Business))
            .or_else(|| sim.world.label_by_id(id).map(|(page, label)| Self::Label(page, label)))
            .or_else(|| sim.world.instagram_by_id(id).map(Self::Instagram))
            .or_else(|| sim.world.media_by_id(id).map(|(page, media)| Self::Media(page, media)))
            .or_else(|| sim.world.container_by_id(id).map(|(page, container)| Self::Container(page, container)))
            .or_else(|| sim.world.persona_by_id(id).map(|(page, persona)| Self::Persona(page, persona)))
            .or_else(|| sim.world.video_by_id(id).map(|(page, video)| Self::Video(page, video)))
    }

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::App => "{app}",
            Self::Person(_) => "{user}",
            Self::Page(_) => "{page}",
            Self::Business(_) => "{business}",
            Self::Conversation(..) => "{conversation}",
            Self::Customer(..) => "{psid}",
            Self::Message(..) => "{message}",
            Self::Label(..) => "{label}",
            Self::Post(..) => "{post}",
            Self::Comment(..) => "{comment}",
            Self::Instagram(_) => "{instagram}",
            Self::Media(..) => "{media}",
            Self::Container(..) => "{container}",
            Self::Persona(..) => "{persona}",
            Self::Video(..) => "{video}",
        }
    }

    pub(super) fn page(self) -> Option<PageIndex> {
        match self {
            Self::App | Self::Person(_) | Self::Business(_) => None,
            Self::Page(page)
            | Self::Conversation(page, _)
            | Self::Customer(page, _)
            | Self::Message(page, _)
            | Self::Label(page, _)
            | Self::Post(page, _)
            | Self::Comment(page, _)
            | Self::Instagram(page)
            | Self::Media(page, _)
            | Self::Container(page, _)
            | Self::Persona(page, _)
            | Self::Video(page, _) => Some(page.index),
        }
    }

    pub(super) fn picture_url(self, call: &Call<'_>) -> Option<String> {
        let base_url = &call.request.base_url;
        match self {
            Self::Page(page) => Some(picture::page_picture_url(base_url, page)),
            Self::Person(person) => Some(format!("{base_url}/_cdn/people/{}.png", person.id)),
            _ => None,
        }
    }

    pub(super) fn read(self, call: &Call<'_>, writer: &mut JsonWriter) -> Answered {
        match self {
            Self::App => app::read(call, writer),
            Self::Business(_) | Self::Label(..) => Err(unsupported(call)),
            Self::Person(person) => {
                own(call, person)?;
                user::read(call, person, writer)
            }
            Self::Page(page) => page::read(call, page, writer),
            Self::Conversation(page, conversation) => conversation::read(call, page, conversation, writer),
            Self::Customer(page, conversation) => profile::read(call, page, conversation, writer),
            Self::Message(page, key) => message::read(call, page, key, writer),
            Self::Post(page, post) => posts::read(call, page, post, writer),
            Self::Comment(page, comment) => comments::read(call, page, comment, writer),
            Self::Instagram(page) => instagram::read(call, page, writer),
            Self::Media(page, media) => instagram::read_media(call, page, media, writer),
            Self::Container(page, container) => instagram_publishing::read(call, page, container, writer),
            Self::Persona(page, persona) => personas::read(call, page, persona, writer),
            Self::Video(page, video) => reels::read(call, page, video, writer),
        }
    }
}

/// Other people's data is not told apart from what does not exist.
pub(super) fn own(call: &Call<'_>, person: &Person) -> Result<(), GraphError> {
    match &call.credential {
        Credential::User(token) if token.person == person.index => Ok(()),
        _ => Err(unsupported(call)),
    }
}

pub(super) fn unsupported(call: &Call<'_>) -> GraphError {
    match call.request.path.first() {
        None => GraphError::unsupported(call.request.method.lower(), ""),
        Some(first) if first == "me" && !matches!(call.credential, Credential::User(_) | Credential::Page(..)) => {
            GraphError::user_token_needed()
        }
        Some(id) => GraphError::unsupported(call.request.method.lower(), id),
    }
}
