//! The start: a journal is replayed, then written anew with only what still holds.

use crate::config::SimConfig;
use crate::journal::{self, Event, Journal, JournalError};
use crate::oauth::tokens::{StoredToken, Token, TokenKind};
use crate::simulator::Simulator;
use crate::world::Role;
use crate::world::ids::FIRST_NEW_CUSTOMER;

pub(crate) fn restore(config: SimConfig, http: reqwest::Client) -> Result<Simulator, JournalError> {
    let Some(path) = config.journal.clone() else { return Ok(Simulator::new(config, None, http)) };
    let events = journal::read(&path)?;
    let mut epoch_ms = None;
    if let Some(Event::World { seed, epoch_ms: journal_epoch_ms }) = events.first() {
        if *seed != config.world.seed {
            return Err(JournalError::OtherWorld { path, journal_seed: *seed, seed: config.world.seed });
        }
        epoch_ms = Some(*journal_epoch_ms);
    }
    let mut sim = Simulator::new(config, epoch_ms, http);
    for event in events {
        sim.replay(event);
    }
    sim.journal = Journal::rewrite(&path, sim.events().into_iter())?;
    Ok(sim)
}

impl Simulator {
    /// What concerns people and Pages that no longer exist is left out.
    fn replay(&self, event: Event) {
        match event {
            Event::World { .. } => {}
            Event::Clock { setting } => self.clock.restore(setting),
            Event::TokenIssued { token, derived_from } => {
                if let Some(token) = self.live_token(&token) {
                    let token = self.tokens.insert(token);
                    if let (TokenKind::Page(page), Some(user_token)) = (token.kind, derived_from) {
                        self.tokens.remember_derived(&user_token, page, &token.access_token);
                    }
                }
            }
            Event::InstagramToken { token } => self.instagram_tokens.insert(token),
            Event::TokensDied { access_tokens, death } => {
                for access_token in access_tokens {
                    self.tokens.kill(&crate::oauth::tokens::TokenSelector::One(access_token), death);
                }
            }
            Event::Granted { person_id, grant } => {
                if let Some(person) = self.world.person_by_id(&person_id) {
                    self.grants.set(person.index, grant);
                }
            }
            Event::Role { person_id, page_id, tasks, through_business } => {
                if let (Some(person), Some(page)) =
                    (self.world.person_by_id(&person_id), self.world.any_page_by_id(&page_id))
                {
                    let role = tasks.map(|tasks| Role { tasks, through_business });
                    self.world.set_role(person.index, page.index, role);
                }
            }
            Event::AppSubscribed { surface, subscription } => {
                self.webhooks.set_app_subscription(surface, subscription);
            }
            Event::PageSubscribed { .. }
            | Event::Page { .. }
            | Event::CustomerAdded { .. }
            | Event::CustomerChanged { .. }
            | Event::MessageSent { .. }
            | Event::MessageChanged { .. }
            | Event::Record { .. }
            | Event::Post { .. }
            | Event::Instagram { .. }
            | Event::Video { .. } => self.replay_page(event),
        }
    }

    fn replay_page(&self, event: Event) {
        let Some(page) = event.page_id().and_then(|page_id| self.world.any_page_by_id(page_id)) else { return };
        match event {
            Event::PageSubscribed { fields, .. } => self.webhooks.set_page_fields(page.index, fields),
            Event::Page { settings, .. } => *page.settings.write() = settings,
            Event::CustomerAdded { name, .. } => {
                page.inbox.write().add_customer(name);
            }
            Event::CustomerChanged { conversation, change, .. } => {
                page.inbox.write().change_customer(conversation, change);
            }
            Event::MessageSent { conversation, message, .. } => {
                page.inbox.write().send(conversation, message);
            }
            Event::MessageChanged { conversation, index, change, .. } => {
                page.inbox.write().change_message(conversation, index, change);
            }
            Event::Record { change, .. } => page.records.write().apply(change),
            Event::Post { change, .. } => page.posts.write().apply(change),
            Event::Instagram { change, .. } => page.instagram.write().apply(change),
            Event::Video { change, .. } => page.videos.write().apply(change),
            _ => {}
        }
    }

    fn live_token(&self, stored: &StoredToken) -> Option<Token> {
        let kind = match (&stored.page_id, &stored.business_id) {
            (None, None) => TokenKind::User,
            (Some(page_id), _) => TokenKind::Page(self.world.any_page_by_id(page_id)?.index),
            (None, Some(business_id)) => TokenKind::SystemUser(self.world.business_by_id(business_id)?),
        };
        Some(Token {
            access_token: stored.access_token.clone(),
            kind,
            person: self.world.person_by_id(&stored.person_id)?.index,
            issued_at: stored.issued_at,
            expires_at: stored.expires_at,
            long_lived: stored.long_lived,
            death: stored.death,
        })
    }

    /// All that differs from a fresh world.
    fn events(&self) -> Vec<Event> {
        let world = &self.world;
        let mut events = vec![
            Event::World { seed: world.seed, epoch_ms: world.epoch_ms },
            Event::Clock { setting: self.clock.setting() },
        ];
        for (surface, subscription) in self.webhooks.app_subscriptions() {
            events.push(Event::AppSubscribed { surface, subscription: Some(subscription) });
        }
        for (person, grant) in self.grants.all() {
            if let Some(person) = world.person(person) {
                events.push(Event::Granted { person_id: person.id.clone(), grant });
            }
        }
        events.extend(self.tokens.all().into_iter().map(|token| Event::TokenIssued {
            token: self.stored_token(&token),
            derived_from: self.tokens.origin(&token.access_token),
        }));
        events.extend(self.instagram_tokens.all().into_iter().map(|token| Event::InstagramToken { token }));
        for person in world.people() {
            events.extend(world.pages().iter().map(|page| {
                let role = world.role(person.index, page.index);
                Event::Role {
                    person_id: person.id.clone(),
                    page_id: page.id.clone(),
                    through_business: role.as_ref().is_some_and(|role| role.through_business),
                    tasks: role.map(|role| role.tasks),
                }
            }));
        }
        for page in world.inboxes() {
            self.page_events(page, &mut events);
        }
        events
    }

    fn page_events(&self, page: &crate::world::Page, events: &mut Vec<Event>) {
        let page_id = || page.id.clone();
        let fields = self.webhooks.page_fields(page.index);
        if !fields.is_empty() {
            events.push(Event::PageSubscribed { page_id: page_id(), fields });
        }
        let settings = page.settings.read().clone();
        events.push(Event::Page { page_id: page_id(), settings });
        let records = page.records.read().changes();
        events.extend(records.into_iter().map(|change| Event::Record { page_id: page_id(), change }));
        let instagram = page.instagram.read().changes();
        events.extend(instagram.into_iter().map(|change| Event::Instagram { page_id: page_id(), change }));
        let videos = page.videos.read().changes();
        events.extend(videos.into_iter().map(|change| Event::Video { page_id: page_id(), change }));
        let posts = page.posts.read().changes();
        events.extend(posts.into_iter().map(|change| Event::Post { page_id: page_id(), change }));
        for (conversation, thread) in page.inbox.read().changes() {
            let change = thread.customer.clone();
            let is_new = conversation >= FIRST_NEW_CUSTOMER;
            if is_new {
                events.push(Event::CustomerAdded { page_id: page_id(), name: change.name.clone().unwrap_or_default() });
            }
            events.extend(thread.sent.iter().map(|message| Event::MessageSent {
                page_id: page_id(),
                conversation,
                message: message.clone(),
            }));
            events.extend(thread.changed.iter().map(|(index, change)| Event::MessageChanged {
                page_id: page_id(),
                conversation,
                index: *index,
                change: change.clone(),
            }));
            events.push(Event::CustomerChanged { page_id: page_id(), conversation, change });
        }
    }
}
