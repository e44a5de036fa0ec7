//! Every change to the simulated Facebook: applied, then appended to the journal.

use std::sync::Arc;

use crate::journal::Event;
use crate::oauth::death::Death;
use crate::oauth::grants::Grant;
use crate::oauth::tokens::{StoredToken, Token, TokenKind, TokenSelector};
use crate::simulator::Simulator;
use crate::webhooks::subscription::AppSubscription;
use crate::world::ids::MessageKey;
use crate::world::inbox::Message;
use crate::world::instagram::{ContainerNumber, Instagram, InstagramChange, MediaNumber};
use crate::world::message_change::MessageChange;
use crate::world::posts::{CommentNumber, PostChange, PostNumber};
use crate::world::records::{LabelNumber, RecordChange};
use crate::world::surface::Surface;
use crate::world::thread::{CustomerChange, SentMessage};
use crate::world::uploads::{VideoChange, VideoNumber};
use crate::world::{Page, PageSettings, Person, Role};

/// A message that was written while the simulator runs.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) conversation: u32,
    pub(crate) mid: String,
    pub(crate) psid: String,
    pub(crate) message: Message,
}

impl Simulator {
    pub(crate) fn issue(&self, token: Token) -> Arc<Token> {
        self.issue_derived(token, None)
    }

    /// The person's token for the Page. It never expires where the user token is long-lived.
    pub(crate) fn page_token(&self, user_token: &Token, page: &Page) -> Arc<Token> {
        if let Some(token) = self.tokens.derived_from(&user_token.access_token, page.index) {
            return token;
        }
        let token = Token {
            access_token: self.tokens.fresh_string("EAA"),
            kind: TokenKind::Page(page.index),
            person: user_token.person,
            issued_at: self.clock.now_s(),
            expires_at: user_token.expires_at.filter(|_| !user_token.long_lived),
            long_lived: user_token.long_lived,
            death: None,
        };
        self.issue_derived(token, Some(&user_token.access_token))
    }

    fn issue_derived(&self, token: Token, derived_from: Option<&str>) -> Arc<Token> {
        let token = self.tokens.insert(token);
        if let (TokenKind::Page(page), Some(user_token)) = (token.kind, derived_from) {
            self.tokens.remember_derived(user_token, page, &token.access_token);
        }
        self.journal.append(&Event::TokenIssued {
            token: self.stored_token(&token),
            derived_from: derived_from.map(str::to_owned),
        });
        token
    }

    pub(crate) fn stored_token(&self, token: &Token) -> StoredToken {
        let (page, business) = match token.kind {
            TokenKind::User => (None, None),
            TokenKind::Page(page) => (self.world.page(page), None),
            TokenKind::SystemUser(business) => (None, self.world.business(business)),
        };
        StoredToken {
            access_token: token.access_token.clone(),
            page_id: page.map(|page| page.id.clone()),
            business_id: business.map(|business| business.id.clone()),
            person_id: self.world.person(token.person).map_or_else(String::new, |person| person.id.clone()),
            issued_at: token.issued_at,
            expires_at: token.expires_at,
            long_lived: token.long_lived,
            death: token.death,
        }
    }

    /// Tells how many died.
    pub(crate) fn kill_tokens(&self, selector: &TokenSelector, death: Death) -> usize {
        let killed = self.tokens.kill(selector, death);
        let count = killed.len();
        if count > 0 {
            self.journal.append(&Event::TokensDied { access_tokens: killed, death });
        }
        count
    }

    pub(crate) fn set_grant(&self, person: &Person, grant: Grant) {
        self.journal.append(&Event::Granted { person_id: person.id.clone(), grant: grant.clone() });
        self.grants.set(person.index, grant);
    }

    /// As a person does in Facebook's settings. Whether it was granted.
    pub(crate) fn revoke_permission(&self, person: &Person, permission: &str) -> bool {
        let mut grant = self.grants.of(person.index);
        let was_granted = grant.granted.remove(permission);
        if was_granted {
            grant.declined.insert(permission.to_owned());
            self.set_grant(person, grant);
        }
        was_granted
    }

    /// All of the person's tokens die with 190/458. Tells how many.
    pub(crate) fn remove_app(&self, person: &Person) -> usize {
        self.set_grant(person, Grant::default());
        self.kill_tokens(&TokenSelector::Of { person: person.index, page: None }, Death::AppRemoved)
    }

    pub(crate) fn set_role(&self, person: &Person, page: &Page, role: Option<Role>) {
        self.journal.append(&Event::Role {
            person_id: person.id.clone(),
            page_id: page.id.clone(),
            through_business: role.as_ref().is_some_and(|role| role.through_business),
            tasks: role.as_ref().map(|role| role.tasks.clone()),
        });
        self.world.set_role(person.index, page.index, role);
    }

    /// None ends it.
    pub(crate) fn subscribe_app(&self, surface: Surface, subscription: Option<AppSubscription>) {
        self.journal.append(&Event::AppSubscribed { surface, subscription: subscription.clone() });
        self.webhooks.set_app_subscription(surface, subscription);
    }

    pub(crate) fn subscribe_page(&self, page: &Page, fields: Vec<String>) {
        self.journal.append(&Event::PageSubscribed { page_id: page.id.clone(), fields: fields.clone() });
        self.webhooks.set_page_fields(page.index, fields);
    }

    pub(crate) fn unsubscribe_page(&self, page: &Page) {
        self.subscribe_page(page, Vec::new());
    }

    pub(crate) fn change_page(&self, page: &Page, change: impl FnOnce(&mut PageSettings)) {
        let settings = {
            let mut settings = page.settings.write();
            change(&mut settings);
            settings.clone()
        };
        self.journal.append(&Event::Page { page_id: page.id.clone(), settings });
    }

    pub(crate) fn add_customer(&self, page: &Page, name: String) -> u32 {
        // Under the lock, so that the journal has the customers in the order of their numbers.
        let mut inbox = page.inbox.write();
        self.journal.append(&Event::CustomerAdded { page_id: page.id.clone(), name: name.clone() });
        inbox.add_customer(name)
    }

    pub(crate) fn change_customer(&self, page: &Page, conversation: u32, change: CustomerChange) {
        page.inbox.write().change_customer(conversation, change.clone());
        self.journal.append(&Event::CustomerChanged { page_id: page.id.clone(), conversation, change });
    }

    pub(crate) fn make_label(&self, page: &Page, name: String) -> LabelNumber {
        let mut records = page.records.write();
        let label = records.next_label();
        let change = RecordChange::LabelMade { label, name };
        records.apply(change.clone());
        self.journal.append(&Event::Record { page_id: page.id.clone(), change });
        label
    }

    pub(crate) fn record(&self, page: &Page, change: RecordChange) {
        page.records.write().apply(change.clone());
        self.journal.append(&Event::Record { page_id: page.id.clone(), change });
    }

    /// Answers the numbers of the newest post and the newest comment.
    pub(crate) fn change_posts(&self, page: &Page, change: PostChange) -> (PostNumber, CommentNumber) {
        // Under the lock, so that the journal has them in the order of their numbers.
        let mut posts = page.posts.write();
        posts.apply(change.clone());
        self.journal.append(&Event::Post { page_id: page.id.clone(), change });
        (posts.count(), posts.comment_count())
    }

    /// A change that holds as long as the account stands as `check` wants it. Answers the numbers of the newest container
    /// and of the newest medium.
    pub(crate) fn change_instagram<E>(
        &self,
        page: &Page,
        change: InstagramChange,
        check: impl FnOnce(&Instagram) -> Result<(), E>,
    ) -> Result<(ContainerNumber, MediaNumber), E> {
        let mut instagram = page.instagram.write();
        check(&instagram)?;
        instagram.apply(change.clone());
        self.journal.append(&Event::Instagram { page_id: page.id.clone(), change });
        Ok((instagram.container_count(), instagram.media_count()))
    }

    /// Answers the number of the newest video.
    pub(crate) fn change_videos(&self, page: &Page, change: VideoChange) -> VideoNumber {
        let mut videos = page.videos.write();
        videos.apply(change.clone());
        self.journal.append(&Event::Video { page_id: page.id.clone(), change });
        videos.count()
    }

    /// The one private reply that a comment may get; whether it may be sent.
    pub(crate) fn claim_private_reply(&self, page: &Page, comment: CommentNumber) -> bool {
        let mut posts = page.posts.write();
        let can_be_replied = posts.can_be_replied(comment, self.clock.now_ms());
        if can_be_replied {
            let change = PostChange::RepliedPrivately { comment };
            posts.apply(change.clone());
            self.journal.append(&Event::Post { page_id: page.id.clone(), change });
        }
        can_be_replied
    }

    /// What became of it.
    pub(crate) fn change_message(&self, page: &Page, key: MessageKey, change: MessageChange) -> Option<Message> {
        let (conversation, index) = (key.conversation.index, key.index);
        let mut inbox = page.inbox.write();
        inbox.message(conversation, index)?;
        inbox.change_message(conversation, index, change.clone());
        self.journal.append(&Event::MessageChanged { page_id: page.id.clone(), conversation, index, change });
        inbox.message(conversation, index)
    }

    /// Stores the message without telling anybody; see [`crate::webhooks::messages`] for the webhook.
    pub(crate) fn store_message(&self, page: &Page, conversation: u32, message: SentMessage) -> Sent {
        let stored = {
            let mut inbox = page.inbox.write();
            let stored = inbox.send(conversation, message);
            self.journal.append(&Event::MessageSent {
                page_id: page.id.clone(),
                conversation,
                message: SentMessage {
                    at_ms: stored.at_ms,
                    from_page: stored.from_page,
                    text: stored.text.clone(),
                    attachments: stored.attachments.clone(),
                },
            });
            stored
        };
        let key = page.conversation(conversation);
        Sent {
            conversation,
            mid: self.world.ids.message(MessageKey { conversation: key, index: stored.index }),
            psid: self.world.ids.psid(key),
            message: stored,
        }
    }
}
