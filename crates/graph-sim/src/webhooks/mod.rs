//! Webhooks: who is subscribed, what is sent, and how it is delivered ("Webhooks" of the Messenger Platform).

pub(crate) mod acts;
pub(crate) mod delivery;
pub(crate) mod event;
pub(crate) mod feed;
pub(crate) mod fields;
pub(crate) mod instagram;
pub(crate) mod ledger;
pub(crate) mod messages;
pub(crate) mod modes;
pub(crate) mod queue;
pub(crate) mod raw;
pub(crate) mod signature;
pub(crate) mod subscription;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

use crate::clock::Millis;
use crate::json::JsonStyle;
use crate::locks::{Mutex, RwLock};
use crate::world::ids::PageIndex;
use crate::world::surface::Surface;
use event::Event;
use ledger::DeliveryLedger;
use modes::Modes;
use queue::Queue;
use subscription::{AppSubscription, Handshake, HandshakeRefused};

#[derive(Debug)]
pub(crate) struct Webhooks {
    pub(crate) style: JsonStyle,
    apps: RwLock<BTreeMap<Surface, AppSubscription>>,
    pages: RwLock<HashMap<PageIndex, Vec<String>>>,
    modes: RwLock<Modes>,
    queue: Mutex<Queue>,
    /// Since when all deliveries of a Page have failed.
    failing: Mutex<HashMap<PageIndex, Millis>>,
    pub(crate) ledger: DeliveryLedger,
    work: Notify,
    http: reqwest::Client,
    challenges: AtomicU64,
}

impl Webhooks {
    pub(crate) fn new(style: JsonStyle, http: reqwest::Client) -> Self {
        Self {
            style,
            apps: RwLock::default(),
            pages: RwLock::default(),
            modes: RwLock::default(),
            queue: Mutex::default(),
            failing: Mutex::default(),
            ledger: DeliveryLedger::default(),
            work: Notify::new(),
            http,
            challenges: AtomicU64::new(1_158_201_444),
        }
    }

    pub(crate) fn app_subscription(&self, surface: Surface) -> Option<AppSubscription> {
        self.apps.read().get(&surface).cloned()
    }

    pub(crate) fn app_subscriptions(&self) -> BTreeMap<Surface, AppSubscription> {
        self.apps.read().clone()
    }

    pub(crate) fn set_app_subscription(&self, surface: Surface, subscription: Option<AppSubscription>) {
        let mut apps = self.apps.write();
        match subscription {
            Some(subscription) => apps.insert(surface, subscription),
            None => apps.remove(&surface),
        };
    }

    /// Empty: not subscribed.
    pub(crate) fn page_fields(&self, page: PageIndex) -> Vec<String> {
        self.pages.read().get(&page).cloned().unwrap_or_default()
    }

    pub(crate) fn set_page_fields(&self, page: PageIndex, fields: Vec<String>) {
        self.failing.lock().remove(&page);
        let mut pages = self.pages.write();
        if fields.is_empty() {
            pages.remove(&page);
            drop(pages);
            let mut queue = self.queue.lock();
            queue.drop_page(page);
            queue.drop_page(page.instagram());
        } else {
            pages.insert(page, fields);
        }
    }

    /// Both must have the field: the app's subscription and the Page's installation. An Instagram account sends all of
    /// the app's fields once its Page has any.
    pub(crate) fn is_subscribed(&self, page: PageIndex, field: &str) -> bool {
        let has = |fields: &Vec<String>| fields.iter().any(|known| known == field);
        self.apps.read().get(&page.surface()).is_some_and(|app| has(&app.fields))
            && self
                .pages
                .read()
                .get(&page.owner())
                .is_some_and(|fields| page.surface() == Surface::Instagram || has(fields))
    }

    pub(crate) fn modes(&self) -> Modes {
        self.modes.read().clone()
    }

    pub(crate) fn set_modes(&self, modes: Modes) {
        *self.modes.write() = modes;
        self.work.notify_one();
    }

    pub(crate) fn failing_since(&self, page: PageIndex) -> Option<Millis> {
        self.failing.lock().get(&page).copied()
    }

    pub(crate) fn figures(&self) -> queue::Figures {
        self.queue.lock().figures()
    }

    /// Queues the event if somebody is subscribed to it; some are held back or doubled on demand.
    pub(crate) fn send(self: &Arc<Self>, event: Event) {
        if !self.is_subscribed(event.page, &event.field) {
            return;
        }
        let modes = self.modes();
        let number = self.queue.lock().next_number();
        let drawn = modes.draw(number);
        if let Some(delay) = drawn.duplicate_after {
            self.send_later(event.clone(), delay);
        }
        match drawn.held_for {
            Some(delay) => self.send_later(event, delay),
            None => self.push(event),
        }
    }

    pub(crate) fn challenge(&self) -> String {
        self.challenges.fetch_add(7_919, Ordering::Relaxed).to_string()
    }

    pub(crate) async fn verify(&self, handshake: Handshake<'_>) -> Result<(), HandshakeRefused> {
        handshake.perform(&self.http).await
    }

    fn push(&self, event: Event) {
        self.queue.lock().push(event);
        self.work.notify_one();
    }

    fn send_later(self: &Arc<Self>, event: Event, delay: std::time::Duration) {
        self.queue.lock().waiting_more(1);
        let webhooks = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(delay).await;
            webhooks.queue.lock().waiting_less(1);
            webhooks.push(event);
        });
    }
}
