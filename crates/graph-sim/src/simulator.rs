//! The state of one simulated Facebook.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::api::call::Credential;
use crate::api::error::GraphError;
use crate::api::request::GraphRequest;
use crate::calls::CallLog;
use crate::clock::{Clock, Millis};
use crate::config::{Latency, RedirectUris, SimConfig, TokenExchange};
use crate::faults::Faults;
use crate::instagram_login::InstagramTokens;
use crate::journal::Journal;
use crate::limits::Limits;
use crate::load::Loads;
use crate::locks::{Mutex, RwLock};
use crate::oauth::callbacks::Callbacks;
use crate::oauth::codes::Codes;
use crate::oauth::death::Death;
use crate::oauth::grants::Grants;
use crate::oauth::proof::{Proof, ProofRefused};
use crate::oauth::tokens::{Token, TokenKind, Tokens};
use crate::variations::Variations;
use crate::webhooks::Webhooks;
use crate::world::World;
use crate::world::draw::Draw;
use crate::world::ids::PersonIndex;

#[derive(Debug)]
pub(crate) struct Simulator {
    pub(crate) config: SimConfig,
    pub(crate) clock: Arc<Clock>,
    pub(crate) world: World,
    pub(crate) tokens: Tokens,
    pub(crate) grants: Grants,
    pub(crate) codes: Codes,
    pub(crate) instagram_tokens: InstagramTokens,
    pub(crate) callbacks: Arc<Callbacks>,
    pub(crate) http: reqwest::Client,
    pub(crate) webhooks: Arc<Webhooks>,
    pub(crate) limits: Limits,
    pub(crate) faults: Faults,
    pub(crate) calls: CallLog,
    pub(crate) loads: Loads,
    pub(crate) latency: Mutex<Latency>,
    pub(crate) redirect_uris: RwLock<RedirectUris>,
    pub(crate) token_exchange: RwLock<TokenExchange>,
    pub(crate) variations: RwLock<Variations>,
    /// Containers that said once that they are not ready, though they are.
    pub(crate) hesitated: Mutex<HashSet<String>>,
    /// The dashboard's switch; an app in development reaches nobody but those who have a role on it.
    pub(crate) live: AtomicBool,
    /// The `config_id`s of Login for Business that give a system user's token.
    pub(crate) system_user_configurations: RwLock<BTreeSet<String>>,
    pub(crate) journal: Journal,
    traces: AtomicU64,
}

impl Simulator {
    /// Without anything that a journal remembers.
    pub(crate) fn new(config: SimConfig, epoch_ms: Option<Millis>, http: reqwest::Client) -> Self {
        let clock = Arc::new(Clock::new(config.clock));
        let epoch_ms = epoch_ms.or(config.world.epoch_ms).unwrap_or_else(|| clock.now_ms());
        Self {
            world: World::new(&config.world, epoch_ms),
            tokens: Tokens::new(config.world.seed),
            grants: Grants::default(),
            codes: Codes::default(),
            instagram_tokens: InstagramTokens::default(),
            callbacks: Arc::new(Callbacks::new(config.callbacks.clone(), config.app.secret.clone(), http.clone())),
            webhooks: Arc::new(Webhooks::new(config.json_style, http.clone())),
            http,
            limits: Limits::new(config.limits.clone(), config.enforce_limits),
            faults: Faults::default(),
            calls: CallLog::default(),
            loads: Loads::default(),
            latency: Mutex::new(config.latency),
            redirect_uris: RwLock::new(config.redirect_uris.clone()),
            token_exchange: RwLock::default(),
            variations: RwLock::default(),
            hesitated: Mutex::default(),
            live: AtomicBool::new(true),
            system_user_configurations: RwLock::default(),
            journal: Journal::default(),
            traces: AtomicU64::new(1),
            clock,
            config,
        }
    }

    /// `fbtrace_id`, another one for each answer.
    pub(crate) fn trace_id(&self) -> String {
        let draw = Draw::seeded(self.world.seed).named("trace").at(self.traces.fetch_add(1, Ordering::Relaxed));
        format!("A{:016x}{:05x}", draw.value(), draw.at(1).below(1 << 20))
    }

    pub(crate) fn is_app_token(&self, access_token: &str) -> bool {
        access_token
            .split_once('|')
            .is_some_and(|(id, secret)| id == self.config.app.id && secret == self.config.app.secret)
    }

    /// Checks the token, then its proof; before anything else of the call is looked at.
    pub(crate) fn authenticate(&self, request: &GraphRequest) -> Result<Credential, GraphError> {
        let access_token = request.access_token().ok_or_else(GraphError::token_missing)?;
        let credential = if self.is_app_token(access_token) {
            Credential::App
        } else {
            Credential::of(self.find_valid_token(access_token)?)
        };
        let proof = Proof {
            given: request.params.given("appsecret_proof"),
            time: request.params.given("appsecret_time"),
            required: self.config.require_appsecret_proof && !matches!(credential, Credential::App),
        };
        proof.check(&self.config.app.secret, access_token, self.clock.now_s()).map_err(|refused| match refused {
            ProofRefused::Missing => GraphError::proof_missing(),
            ProofRefused::Wrong => GraphError::proof_wrong(),
        })?;
        Ok(credential)
    }

    pub(crate) fn find_valid_token(&self, access_token: &str) -> Result<Arc<Token>, GraphError> {
        let token = self.tokens.find(access_token).ok_or_else(|| GraphError::token_dead(Death::Invalid))?;
        self.check_token(&token)?;
        Ok(token)
    }

    /// 90 days after their last login the app loses access to a person's data, whatever their tokens say.
    pub(crate) fn has_data_access(&self, person: PersonIndex) -> bool {
        self.grants.data_access_expires_at(person) > self.clock.now_s()
    }

    pub(crate) fn varies(&self) -> Variations {
        *self.variations.read()
    }

    /// Whether a finished container says this time that it is not ready.
    pub(crate) fn hesitates(&self, container: &str) -> bool {
        self.varies().not_ready_once && self.hesitated.lock().insert(container.to_owned())
    }

    pub(crate) fn is_live(&self) -> bool {
        self.live.load(Ordering::Relaxed)
    }

    pub(crate) fn check_token(&self, token: &Token) -> Result<(), GraphError> {
        if let Some(death) = token.death {
            return Err(GraphError::token_dead(death));
        }
        let now = self.clock.now_s();
        if let Some(expired_at) = token.expires_at.filter(|expires_at| *expires_at <= now) {
            return Err(GraphError::token_expired(expired_at, now));
        }
        let TokenKind::Page(page) = token.kind else { return Ok(()) };
        if self.world.page(page).is_none_or(|page| page.settings.read().deleted) {
            return Err(GraphError::page_deleted());
        }
        if self.world.role(token.person, page).is_none() {
            return Err(GraphError::token_dead(Death::RoleLost));
        }
        Ok(())
    }
}
